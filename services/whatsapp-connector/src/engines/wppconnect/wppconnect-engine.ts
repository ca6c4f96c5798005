import { join } from "node:path";
import type { SessionReason, TypingState } from "@syszap/contracts";
import { type Backoff, backoffDelay, pause, withTimeout } from "@syszap/platform/async";
import type { Whatsapp } from "@wppconnect-team/wppconnect";
import type {
  CreateEngine,
  Engine,
  EngineContext,
  EngineMedia,
  Outgoing,
  Pieces,
  SendState,
} from "../contract/engine.ts";
import { SendError } from "../contract/engine.ts";
import { Chromium, ChromiumMissingError, findChromium } from "./browser/chromium.ts";
import { attachLibrary, releaseLibrary } from "./browser/library.ts";
import { isNetworkError } from "./browser/network-error.ts";
import { People } from "./contacts/contact-changes.ts";
import { fetchPicture } from "./contacts/profile-picture.ts";
import { Addresses } from "./inbound/addresses.ts";
import { Hearing, type Refetched } from "./inbound/event-translator.ts";
import { Facts } from "./inbound/facts.ts";
import { downloadMedia, type MediaSource, mediaTimes } from "./inbound/media-download.ts";
import { Login } from "./login/login.ts";
import { PagePatience, pagePatience } from "./login/page-timeouts.ts";
import { PhonePairing } from "./login/phone-pairing.ts";
import * as pageSide from "./page/account.ts";
import { listPeople, pictureUrl } from "./page/contacts.ts";
import { Sender } from "./sending/sender.ts";

export interface WppconnectOptions {
  /** Without it, the usual places are searched at each start of an engine. */
  chromiumPath?: string;
  /** `host:port` of a local stand-in for WhatsApp Web; the browser then reaches nothing else. */
  standIn?: string;
  /** How long WhatsApp's page may take to load before the engine gives up. */
  loadMs?: number;
  /** How long the loaded page may get nowhere before it is loaded again, and once more before the engine gives up. */
  readyMs?: number;
  /** How long WhatsApp may take to accept a message before its fate counts as unknown. */
  sendMs?: number;
  /** How long a download may stand still. */
  mediaStallMs?: number;
  /** How long the page's own answer about a picture is good. */
  pictureMaxAgeMs?: number;
}

/** The real library in a real browser. Neither is loaded before the first engine starts. */
export const createWppconnectEngine =
  (options: WppconnectOptions = {}): CreateEngine =>
  (context) =>
    new WppconnectEngine(options, context);

const whatsappWeb = "https://web.whatsapp.com";
const loadMs = 60_000;
const reaching: Backoff = { firstMs: 1_000, maxMs: 15_000 };
const sendMs = 30_000;
const callMs = 15_000;
const refetchMs = 90_000;
const peopleMs = 60_000;
const pictureMaxAgeMs = 12 * 3_600_000;
const logOutMs = 10_000;
const mostPerChat = 200;
/** While the page was loaded nobody heard what became of messages that are older. */
const changesForMs = 86_400_000;
const mostChatsWatched = 100;

interface Running {
  chromium: Chromium;
  client: Whatsapp | undefined;
}

/** One browser on one profile, from start to stop. It never restarts itself: `failed` says that somebody must. */
class WppconnectEngine implements Engine {
  private running: Running | undefined;
  private isStopped = false;
  private readonly addresses: Addresses;
  private readonly hearing: Hearing;
  private readonly login: Login;
  private readonly sender: Sender;
  private readonly pairing: PhonePairing;
  private readonly people: People;

  constructor(
    private readonly options: WppconnectOptions,
    private readonly context: EngineContext,
  ) {
    const { listener, log } = context;
    this.addresses = new Addresses((lid) => this.inPage(pageSide.phoneOf, lid));
    this.login = new Login(
      {
        listener,
        log,
        read: (timeoutMs) => this.inPage(pageSide.readPage, undefined, timeoutMs),
        hook: async () => {
          await this.inPage(pageSide.installHooks, undefined);
          await this.pairing.resume();
        },
        reload: async () => {
          await this.untilReached(() => this.running?.chromium.page.reload({ timeout: callMs }));
        },
        connected: async () => {
          this.pairing.stop();
          await this.inPage(pageSide.watchTyping, mostChatsWatched);
          await this.people.compare();
        },
        fetchSince: (timestampMs) => this.fetchSince(timestampMs, timestampMs - changesForMs),
        broken: (reason) => this.fail(reason),
      },
      patienceOf(options),
    );
    const ask = (phoneNumber: string) => this.inPage(pageSide.pairByPhone, phoneNumber);
    this.pairing = new PhonePairing({ listener, log, ask });
    const facts = new Facts(this.addresses, (timestampMs) => this.login.isHistory(timestampMs));
    this.hearing = new Hearing(facts, this.addresses, listener, log);
    this.people = new People({
      path: join(context.profileDirectory, "people.json"),
      list: () => this.inPage(listPeople, { chats: mostChatsWatched, withinMs: peopleMs / 2 }, peopleMs),
      nameChanged: (person) => this.hearing.named(person),
      pictureChanged: (id) => this.hearing.pictured(id),
      log,
    });
    this.sender = new Sender({
      isSynced: () => this.login.isConnected,
      inPage: (run, argument, timeoutMs) => this.inPage(run, argument, timeoutMs),
      sendMs: options.sendMs ?? sendMs,
    });
  }

  async start(): Promise<void> {
    const { listener, profileDirectory, log } = this.context;
    listener.state("starting");
    try {
      const executablePath = findChromium(this.options.chromiumPath);
      const userDataDir = join(profileDirectory, "chromium");
      const chromium = await Chromium.launch({ executablePath, userDataDir, standIn: this.options.standIn }, log);
      this.running = { chromium, client: undefined };
      if (this.isStopped) return await this.close();
      void chromium.gone.then(() => this.fail("browser_ended"));
      void this.load(this.running);
    } catch (err) {
      log.warn({ err }, "the browser did not start");
      this.fail(whyNotStarted(err));
    }
  }
  send(order: Outgoing): Promise<void> {
    return this.sender.send(order);
  }
  find(order: Outgoing): Promise<SendState> {
    return this.sender.find(order);
  }
  async setTyping(waChatId: string, state: TypingState): Promise<void> {
    this.mustBeConnected();
    await this.inPage(pageSide.setTyping, { chat: waChatId, state });
  }
  async markRead(waChatId: string): Promise<void> {
    this.mustBeConnected();
    await this.inPage(pageSide.markRead, waChatId);
  }
  async fetchSince(timestampMs: number, changesFromMs: number): Promise<void> {
    this.mustBeConnected();
    const seconds = Math.floor(timestampMs / 1000);
    const since = { seconds, changesFromSeconds: Math.floor(changesFromMs / 1000), mostPerChat };
    const found = await this.inPage(pageSide.listSince, since, refetchMs);
    await this.hearing.refetched(JSON.parse(found) as Refetched);
  }
  async fetchProfilePicture(number: string): Promise<Uint8Array | null> {
    this.mustBeConnected();
    const maxAgeMs = this.options.pictureMaxAgeMs ?? pictureMaxAgeMs;
    const url = await this.inPage(pictureUrl, { id: `${number}@c.us`, maxAgeMs });
    return url === null ? null : fetchPicture(url);
  }
  async *downloadMedia(media: EngineMedia, limitBytes: number): Pieces {
    this.mustBeConnected();
    const { mediaStallMs } = this.options;
    const times = { ...mediaTimes, ...(mediaStallMs !== undefined && { stallMs: mediaStallMs }) };
    const source: MediaSource = {
      inPage: (run, argument, timeoutMs) => this.inPage(run, argument, timeoutMs),
      watchBytes: async (received) => (await this.running?.chromium.watchBytes(received)) ?? (() => undefined),
    };
    yield* downloadMedia(source, media, limitBytes, times);
  }
  pairByPhone(phoneNumber: string): Promise<void> {
    return this.pairing.start(phoneNumber);
  }
  async logOut(): Promise<void> {
    const { client } = this.running ?? {};
    if (!client) throw new Error("the browser does not run");
    this.login.stop();
    await withTimeout(client.logout(), { timeoutMs: logOutMs, error: "logging out" });
    this.context.listener.state("logged_out", { reason: "logged_out" });
  }
  async stop(): Promise<void> {
    this.isStopped = true;
    await this.close();
  }

  /** Listeners first, then the page's own pace: QR code, syncing, connected. */
  private async load({ chromium }: Running): Promise<void> {
    const { log } = this.context;
    try {
      const client = await this.untilReached((retry) => this.loadOnce(chromium, retry > 0));
      if (!client || this.running?.chromium !== chromium) return;
      this.running.client = client;
      await this.pairing.attach(chromium.page);
      await this.hearing.attach(client, chromium.page, (waKey) => this.sender.isOwn(waKey));
      this.login.start();
    } catch (err) {
      if (this.running?.chromium !== chromium) return;
      log.warn({ err }, "WhatsApp Web did not load");
      this.fail("page_not_loaded");
    }
  }
  private async loadOnce(chromium: Chromium, isAgain: boolean): Promise<Whatsapp> {
    const mostMs = this.options.loadMs ?? loadMs;
    const { browser } = chromium;
    const page = isAgain ? await chromium.freshPage() : chromium.page;
    page.on("error", () => this.fail("page_crashed"));
    // The library is asked only once there is an answer: each try of its own would leave its timers behind.
    if (isAgain) await page.goto(whatsappWeb, { timeout: mostMs, waitUntil: "domcontentloaded" });
    const attaching = attachLibrary(this.context.sessionId, { browser, page }, this.context.log, {
      onQr: (raw) => this.login.qr(raw),
      onChange: () => this.login.look(),
    });
    return await withTimeout(attaching, { timeoutMs: mostMs, error: "loading WhatsApp Web" });
  }
  /** While WhatsApp can't be reached nothing is broken: the same browser tries again, for as long as it takes. */
  private async untilReached<Result>(
    attempt: (retry: number) => Promise<Result> | undefined,
  ): Promise<Result | undefined> {
    for (let retry = 0; ; retry += 1) {
      try {
        return await attempt(retry);
      } catch (err) {
        if (!isNetworkError(err) || this.isStopped) throw err;
        this.login.networkLost();
        await pause(backoffDelay(retry, reaching));
        if (this.isStopped) return undefined;
      }
    }
  }
  private mustBeConnected(): void {
    if (!this.login.isConnected) throw new SendError("the session is not connected", "transient");
  }
  /** Nothing in the page has a timeout of its own, and a dead page never answers. */
  private inPage<Argument, Result>(
    run: (argument: Argument) => Result | Promise<Result>,
    argument: Argument,
    timeoutMs = callMs,
  ): Promise<Result> {
    const { chromium } = this.running ?? {};
    if (!chromium) return Promise.reject(new Error("the browser does not run"));
    const answer = chromium.page.evaluate(run as (argument: unknown) => Result | Promise<Result>, argument);
    return withTimeout(answer as Promise<Result>, { timeoutMs, error: "asking WhatsApp's page" });
  }
  private fail(reason: SessionReason): void {
    if (this.isStopped) return;
    this.isStopped = true;
    this.context.listener.state("failed", { reason });
    this.close().catch((err: unknown) => this.context.log.error({ err }, "the browser was not closed"));
  }
  private async close(): Promise<void> {
    this.login.stop();
    const { running } = this;
    this.running = undefined;
    if (!running) return await this.closing;
    this.closing = running.chromium.close();
    releaseLibrary(running.chromium.page);
    await this.closing;
  }
  private closing: Promise<void> | undefined;
}

const patienceOf = ({ readyMs }: WppconnectOptions) =>
  new PagePatience({ ...pagePatience, ...(readyMs !== undefined && { page_not_ready: readyMs }) });

/** For the person who looks at the session. */
function whyNotStarted(err: unknown): SessionReason {
  if (err instanceof ChromiumMissingError) return "browser_missing";
  const { code, syscall = "" } = err as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") return "profile_disk_full";
  return code === undefined || syscall.startsWith("spawn") ? "browser_not_started" : "profile_not_writable";
}
