import { join } from "node:path";
import type { SessionReason, TypingState } from "@syszap/contracts";
import { type Backoff, backoffDelay, pause, withTimeout } from "@syszap/platform/async";
import type { Whatsapp } from "@wppconnect-team/wppconnect";
import type {
  CreateEngine,
  Engine,
  EngineContext,
  EngineMedia,
  HistoryPage,
  HistoryRequest,
  ListedChat,
  Outgoing,
  Pieces,
  SendState,
} from "../contract/engine.ts";
import { SendError } from "../contract/engine.ts";
import type { Chromium } from "./browser/chromium.ts";
import { attachLibrary, releaseLibrary } from "./browser/library.ts";
import { isNetworkError } from "./browser/network-error.ts";
import { type OpenBrowser, openBrowser } from "./browser/open-browser.ts";
import { startFailureReason } from "./browser/start-failure.ts";
import { ContactChanges } from "./contacts/contact-changes.ts";
import { fetchPicture } from "./contacts/profile-picture.ts";
import type { Addresses } from "./inbound/addresses.ts";
import { createInbound } from "./inbound/create-inbound.ts";
import type { EventTranslator, ReadMessages } from "./inbound/event-translator.ts";
import type { Groups } from "./inbound/groups/groups.ts";
import { downloadMedia, type MediaSource, mediaTimes } from "./inbound/media-download.ts";
import { Login } from "./login/login.ts";
import { PageTimeouts, pageTimeouts } from "./login/page-timeouts.ts";
import { watchPasskeys } from "./login/passkey.ts";
import { PhonePairing } from "./login/phone-pairing.ts";
import type { WppconnectOptions } from "./options.ts";
import * as account from "./page/account.ts";
import { listContacts, pictureUrl } from "./page/contacts.ts";
import * as history from "./page/history.ts";
import { Sender } from "./sending/sender.ts";

/** Creates engines with the library wppconnect and a Chromium. Both are loaded when the first engine starts. */
export const createWppconnectEngine =
  (options: WppconnectOptions = {}): CreateEngine =>
  (context) =>
    new WppconnectEngine(options, context);

const whatsappWeb = "https://web.whatsapp.com";
const loadMs = 60_000;
const reachBackoff: Backoff = { firstMs: 1_000, maxMs: 15_000 };
const sendMs = 30_000;
const callMs = 15_000;
const historyMs = 60_000;
const historyCount = 50;
const maxHistoryCount = 1_600;
const listContactsMs = 60_000;
const pictureMaxAgeMs = 12 * 3_600_000;
const logOutMs = 10_000;
const maxWatchedChats = 100;

type ReadHistory = ReadMessages & Pick<HistoryPage, "before" | "unread">;

interface Running extends OpenBrowser {
  client: Whatsapp | undefined;
}

/** One browser on one profile, from start to stop. It never restarts itself: after `failed` the session restarts it. */
class WppconnectEngine implements Engine {
  private running: Running | undefined;
  private closing: Promise<void> | undefined;
  private isStopped = false;
  private readonly addresses: Addresses;
  private readonly groups: Groups;
  private readonly translator: EventTranslator;
  private readonly login: Login;
  private readonly sender: Sender;
  private readonly pairing: PhonePairing;
  private readonly contacts: ContactChanges;

  constructor(
    private readonly options: WppconnectOptions,
    private readonly context: EngineContext,
  ) {
    const { listener, log } = context;
    const inbound = createInbound(context, (run, argument) => this.inPage(run, argument));
    this.addresses = inbound.addresses;
    this.groups = inbound.groups;
    this.translator = inbound.translator;
    this.login = new Login(
      {
        listener,
        log,
        read: async (timeoutMs) => {
          const reading = await this.inPage(account.readPage, undefined, timeoutMs);
          if (reading?.lid && reading.phoneNumber)
            this.addresses.own = { lid: reading.lid, number: reading.phoneNumber };
          return reading;
        },
        installHooks: async () => {
          await this.inPage(account.installHooks, undefined);
          await this.pairing.resume();
        },
        reload: async () => {
          await this.untilReached(() => this.running?.chromium.page.reload({ timeout: callMs }));
        },
        connected: async () => {
          this.pairing.stop();
          await this.inPage(account.watchTyping, maxWatchedChats);
          await this.contacts.compare();
        },
        lossReason: () => this.running?.forwarder?.failureReason,
        fail: (reason) => this.fail(reason),
      },
      timeoutsOf(options),
    );
    const request = (phoneNumber: string) => this.inPage(account.pairByPhone, phoneNumber);
    this.pairing = new PhonePairing({ listener, log, request });
    this.contacts = new ContactChanges({
      path: join(context.profileDirectory, "people.json"),
      list: () => this.inPage(listContacts, { chats: maxWatchedChats, timeoutMs: listContactsMs / 2 }, listContactsMs),
      nameChanged: (contact) => this.translator.nameChanged(contact),
      pictureChanged: (id) => this.translator.pictureChanged(id),
      log,
    });
    this.sender = new Sender({
      isSynced: () => this.login.isConnected,
      inPage: (run, argument, timeoutMs) => this.inPage(run, argument, timeoutMs),
      sendMs: options.sendMs ?? sendMs,
    });
  }

  async start(): Promise<void> {
    const { listener, log } = this.context;
    listener.state("starting");
    try {
      this.running = { ...(await openBrowser(this.options, this.context)), client: undefined };
      const { chromium } = this.running;
      if (this.isStopped) return await this.close();
      void chromium.gone.then(() => this.fail("browser_ended"));
      void this.load(this.running);
    } catch (err) {
      log.warn({ err }, "the browser could not be started");
      this.fail(startFailureReason(err));
    }
  }

  send(outgoing: Outgoing): Promise<void> {
    return this.sender.send(outgoing);
  }

  find(outgoing: Outgoing): Promise<SendState> {
    return this.sender.find(outgoing);
  }

  async setTyping(waChatId: string, state: TypingState): Promise<void> {
    this.assertConnected();
    await this.inPage(account.setTyping, { chat: waChatId, state });
  }

  async markRead(waChatId: string): Promise<void> {
    this.assertConnected();
    await this.inPage(account.markRead, waChatId);
  }

  async includeGroups(isIncluded: boolean): Promise<void> {
    this.groups.include(isIncluded);
  }

  async listChats(): Promise<ListedChat[]> {
    this.assertConnected();
    return await this.inPage(history.listChats, undefined, historyMs);
  }

  async readHistory({ chat, before, unread, sinceMs, changesFromMs }: HistoryRequest): Promise<HistoryPage> {
    this.assertConnected();
    const bounds = { seconds: Math.floor(sinceMs / 1_000), changesFromSeconds: Math.floor(changesFromMs / 1_000) };
    const wanted = { chat, before, unread, ...bounds, count: historyCount, maxCount: maxHistoryCount };
    const read = JSON.parse(await this.inPage(history.readHistory, wanted, historyMs)) as ReadHistory;
    return { facts: await this.translator.translate(read), before: read.before, unread: read.unread };
  }

  async fetchProfilePicture(contact: string): Promise<Uint8Array | null> {
    this.assertConnected();
    const maxAgeMs = this.options.pictureMaxAgeMs ?? pictureMaxAgeMs;
    const url = await this.inPage(pictureUrl, { id: contact.includes("@") ? contact : `${contact}@c.us`, maxAgeMs });
    const { forwarder } = this.running ?? {};
    return url === null ? null : fetchPicture(url, forwarder && ((host, port) => forwarder.open(host, port)));
  }

  async *downloadMedia(media: EngineMedia, limitBytes: number): Pieces {
    this.assertConnected();
    const { mediaStallMs } = this.options;
    const times = { ...mediaTimes, ...(mediaStallMs !== undefined && { stallMs: mediaStallMs }) };
    const source: MediaSource = {
      inPage: (run, argument, timeoutMs) => this.inPage(run, argument, timeoutMs),
      watchBytes: async (onBytes) => (await this.running?.chromium.watchBytes(onBytes)) ?? (() => undefined),
    };
    yield* downloadMedia(source, media, limitBytes, times);
  }

  pairByPhone(phoneNumber: string): Promise<void> {
    return this.pairing.start(phoneNumber);
  }

  async logOut(): Promise<void> {
    const client = this.running?.client;
    if (!client) throw new Error("the browser does not run");
    this.login.stop();
    await withTimeout(client.logout(), { timeoutMs: logOutMs, error: "logging out" });
    this.context.listener.state("logged_out", { reason: "logged_out" });
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.close();
  }

  /** Attaches all listeners before the login starts. */
  private async load({ chromium }: Running): Promise<void> {
    const { log } = this.context;
    try {
      const client = await this.untilReached((retry) => this.loadOnce(chromium, retry > 0));
      if (!client || this.running?.chromium !== chromium) return;
      this.running.client = client;
      await this.pairing.attach(chromium.page);
      await this.translator.attach(client, chromium.page, (waKey) => this.sender.isOwn(waKey));
      this.login.start();
    } catch (err) {
      if (this.running?.chromium !== chromium) return;
      log.warn({ err }, "WhatsApp Web could not be loaded");
      this.fail("page_not_loaded");
    }
  }

  private async loadOnce(chromium: Chromium, isRetry: boolean): Promise<Whatsapp> {
    const timeoutMs = this.options.loadMs ?? loadMs;
    const { browser } = chromium;
    const page = isRetry ? await chromium.freshPage() : chromium.page;
    page.on("error", () => this.fail("page_crashed"));
    await watchPasskeys(page, () => this.login.passkeyDemanded());
    // The library starts only after the page has loaded: each failed attempt of it would leave its timers behind.
    if (isRetry) await page.goto(whatsappWeb, { timeout: timeoutMs, waitUntil: "domcontentloaded" });
    const attaching = attachLibrary(this.context.sessionId, { browser, page }, this.context.log, {
      onQr: (raw) => this.login.qr(raw),
      onChange: () => this.login.check(),
    });
    return await withTimeout(attaching, { timeoutMs, error: "loading WhatsApp Web" });
  }

  /** Repeats the attempt in the same browser until WhatsApp can be reached. Other errors are thrown. */
  private async untilReached<Result>(
    attempt: (retry: number) => Promise<Result> | undefined,
  ): Promise<Result | undefined> {
    for (let retry = 0; ; retry += 1) {
      try {
        return await attempt(retry);
      } catch (err) {
        if (!isNetworkError(err) || this.isStopped) throw err;
        this.login.networkLost();
        await pause(backoffDelay(retry, reachBackoff));
        if (this.isStopped) return undefined;
      }
    }
  }

  private assertConnected(): void {
    if (!this.login.isConnected) throw new SendError("the session is not connected", "transient");
  }

  /** Runs a function in the page. The timeout is needed because a dead page never answers. */
  private inPage<Argument, Result>(
    run: (argument: Argument) => Result | Promise<Result>,
    argument: Argument,
    timeoutMs = callMs,
  ): Promise<Result> {
    const { chromium } = this.running ?? {};
    if (!chromium) return Promise.reject(new Error("the browser does not run"));
    const answer = chromium.page.evaluate(run as (argument: unknown) => Result | Promise<Result>, argument);
    return withTimeout(answer as Promise<Result>, { timeoutMs, error: "a call to WhatsApp's page" });
  }

  private fail(reason: SessionReason): void {
    if (this.isStopped) return;
    this.isStopped = true;
    this.context.listener.state("failed", { reason });
    this.close().catch((err: unknown) => this.context.log.error({ err }, "the browser could not be closed"));
  }

  private async close(): Promise<void> {
    this.login.stop();
    this.translator.stop();
    const { running } = this;
    this.running = undefined;
    if (!running) return await this.closing;
    this.closing = running.chromium.close().finally(() => running.forwarder?.close());
    releaseLibrary(running.chromium.page);
    await this.closing;
  }
}

const timeoutsOf = ({ readyMs }: WppconnectOptions) =>
  new PageTimeouts({ ...pageTimeouts, ...(readyMs !== undefined && { page_not_ready: readyMs }) });
