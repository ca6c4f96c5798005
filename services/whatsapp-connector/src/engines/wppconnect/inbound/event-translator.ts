import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "@syszap/platform";
import type { Whatsapp } from "@wppconnect-team/wppconnect";
import type { Page } from "puppeteer-core";
import type { z } from "zod";
import type { EngineFact, EngineListener } from "../../contract/engine.ts";
import { type Addresses, isContact, parseKey } from "./addresses.ts";
import { type Facts, removedMessage, typingOf } from "./facts.ts";
import { rawJson } from "./raw-json.ts";
import {
  HookedContact,
  VendorAck,
  VendorEdit,
  VendorMessage,
  VendorPresence,
  VendorReaction,
  VendorRevoke,
  VendorUnreadable,
  VendorVote,
} from "./vendor.ts";

type MaybeFact = EngineFact | undefined;

/** What the page returned for a time span, see `listSince`. */
export interface Refetched {
  messages: unknown[];
  /** Older messages, of which only receipts, edits and revocations are new. */
  changed?: unknown[];
  /** Reactions to any of the messages. */
  reactions?: unknown[];
}

/** Must exceed the time in which a page loads, syncs and is queried on a machine that starts many (60 s were measured). */
const maxHoldMs = 120_000;
const maxShapeLength = 200;
const maxLoggedShapes = 200;

/** Translates the events of the library and of our hooks into facts, one at a time, in the order of arrival. */
export class EventTranslator {
  private last: Promise<void> = Promise.resolve();
  private held: { before: Promise<void>; release(): void } | undefined;
  private readonly loggedShapes = new Set<string>();

  constructor(
    private readonly facts: Facts,
    private readonly addresses: Addresses,
    private readonly listener: EngineListener,
    private readonly log: Logger,
  ) {}

  /** Must be called before the login, otherwise the first messages are missed. */
  async attach(client: Whatsapp, page: Page, isOwn: (waKey: string) => boolean): Promise<void> {
    const { facts } = this;
    this.hold();
    page.on("domcontentloaded", () => this.hold());
    client.onAnyMessage((message: unknown) =>
      this.receive("message", VendorMessage, message, async (parsed) => {
        const fact = await facts.message(parsed);
        // Messages that this engine sent are stored already; those written on the phone are not.
        return fact?.kind === "message" && fact.direction === 1 && isOwn(fact.waKey) ? undefined : fact;
      }),
    );
    client.onAck((ack: unknown) => this.receive("ack", VendorAck, ack, (parsed) => facts.ack(parsed)));
    const onEdit = (edit: unknown) =>
      this.receive("edit", VendorEdit, edit, async (parsed) => {
        const fact = await facts.edit(parsed);
        // The page shows an edit before WhatsApp accepts it. Accepted edits of this engine are stored by the sender.
        return fact?.kind === "edit" && isOwn(fact.editKey) ? undefined : fact;
      });
    client.onMessageEdit(onEdit as never);
    client.onRevokedMessage((revoke: unknown) =>
      this.receive("revoke", VendorRevoke, revoke, (parsed) => facts.revoke(parsed)),
    );
    client.onReactionMessage((reaction: unknown) =>
      this.receive("reaction", VendorReaction, reaction, (parsed) => facts.reaction(parsed)),
    );
    client.onPollResponse((vote: unknown) => this.receive("vote", VendorVote, vote, (parsed) => facts.vote(parsed)));
    client.onPresenceChanged((presence: unknown) => this.receiveTyping(presence));
    await page.exposeFunction("syszapContact", (change: unknown) =>
      this.receive("contact", HookedContact, change, (parsed) => facts.contact(parsed)),
    );
    await page.exposeFunction("syszapPicture", (id: string) => this.pictureChanged(id));
  }

  nameChanged(contact: { id: string; name: string | null }): void {
    this.enqueue(() => this.facts.contact(contact));
  }

  pictureChanged(id: string): void {
    this.enqueue(() => this.facts.picture(id));
  }

  /** Translates fetched messages and their changes, ahead of the live events that are held back. */
  async refetched(fetched: Refetched): Promise<void> {
    const live = this.last;
    this.last = this.held?.before ?? live;
    for (const message of fetched.changed ?? []) this.receiveChanges(message);
    for (const message of fetched.messages) {
      this.receive("message", VendorMessage, message, (parsed) => this.facts.message(markRemoved(parsed)));
      this.receiveChanges(message);
    }
    for (const reaction of fetched.reactions ?? [])
      this.receive("reaction", VendorReaction, reaction, (parsed) => this.facts.reaction(parsed));
    const past = this.last;
    this.last = Promise.all([past, live]).then(() => undefined);
    await past;
    this.held?.release();
  }

  /** Derives receipt, edit and revocation from the state of a message. */
  private receiveChanges(message: unknown): void {
    this.receive("ack", VendorMessage, message, ({ id, ack }) => this.facts.ack({ id, ack: ack ?? 0 }));
    this.receive("edit", VendorMessage, message, (parsed) => this.facts.edit({ id: parsed.id, msg: parsed }));
    this.receive("revoke", VendorMessage, message, ({ id, type }) =>
      type === "revoked" ? this.facts.revoke({ refId: id }) : undefined,
    );
  }

  /**
   * Holds back the events of a loaded page until the time before was fetched. WhatsApp's timestamps are whole seconds, so
   * messages from before the listeners would otherwise be ordered behind later ones.
   */
  private hold(): void {
    if (this.held) return;
    const before = this.last;
    const timeout = new AbortController();
    this.held = { before, release: () => timeout.abort() };
    this.last = Promise.all([
      before,
      delay(maxHoldMs, undefined, { signal: timeout.signal, ref: false }).catch(() => undefined),
    ]).then(() => {
      this.held = undefined;
    });
  }

  private receive<T extends z.ZodType>(
    kind: string,
    schema: T,
    payload: unknown,
    toFact: (parsed: z.infer<T>) => MaybeFact | Promise<MaybeFact>,
  ): void {
    const parsed = schema.safeParse(payload);
    if (parsed.success) {
      this.enqueue(
        () => toFact(parsed.data),
        (fact) => {
          const { waKey, vendorKind } = fact.kind === "message" ? fact : {};
          if (vendorKind !== undefined) this.reportUnknown({ kind, shape: `type ${vendorKind}`, waKey }, payload);
        },
      );
      return;
    }
    const shape = parsed.error.issues.map(({ path }) => path.join(".")).join(" ");
    const identified = VendorUnreadable.safeParse(payload);
    if (!identified.success) this.reportUnknown({ kind, shape }, payload);
    else if (isContact(parseKey(identified.data.id)?.chat ?? ""))
      this.receiveUnreadable(kind, shape, identified.data, payload);
  }

  /** Emits a placeholder for an unreadable message, so that it keeps its position in the chat. */
  private receiveUnreadable(
    kind: string,
    shape: string,
    identified: z.infer<typeof VendorUnreadable>,
    payload: unknown,
  ): void {
    this.reportUnknown({ kind, shape, waKey: parseKey(identified.id)?.waKey }, payload);
    if (kind === "message") this.enqueue(() => this.facts.unreadable(identified));
  }

  private enqueue(
    toFact: () => MaybeFact | Promise<MaybeFact>,
    after: (fact: EngineFact) => void = () => undefined,
  ): void {
    this.last = this.last
      .then(toFact)
      .then((fact) => {
        if (!fact) return;
        this.listener.fact(fact);
        after(fact);
      })
      .catch((err: unknown) => this.log.error({ err }, "a WhatsApp event could not be translated"));
  }

  private receiveTyping(payload: unknown): void {
    const parsed = VendorPresence.safeParse(payload);
    if (!parsed.success || parsed.data.isGroup || !isContact(parsed.data.id)) return;
    const { id, state } = parsed.data;
    this.addresses
      .resolve(id)
      .then(({ waChatId }) => this.listener.typing({ waChatId, state: typingOf(state) }))
      .catch((err: unknown) => this.log.debug({ err }, "typing event could not be translated"));
  }

  /** Reports each payload, and logs each shape once. The log has field names only, never values. */
  private reportUnknown(about: { kind: string; shape: string; waKey?: string | undefined }, payload: unknown): void {
    const { kind, waKey } = about;
    const shape = about.shape.slice(0, maxShapeLength);
    this.listener.unknownPayload({ kind, shape, raw: rawJson(payload), ...(waKey !== undefined && { waKey }) });
    if (this.loggedShapes.size >= maxLoggedShapes || this.loggedShapes.has(`${kind} ${shape}`)) return;
    this.loggedShapes.add(`${kind} ${shape}`);
    this.log.error({ kind, shape }, "the library emitted an event of an unknown shape");
  }
}

/** WhatsApp keeps the position of a message that was deleted before it was received; its revocation follows. */
const markRemoved = (message: VendorMessage): VendorMessage =>
  message.type === "revoked" ? { ...message, type: removedMessage, caption: null } : message;
