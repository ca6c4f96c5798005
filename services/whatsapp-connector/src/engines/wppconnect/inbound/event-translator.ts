import type { Logger } from "@syszap/platform";
import type { Whatsapp } from "@wppconnect-team/wppconnect";
import type { Page } from "puppeteer-core";
import type { z } from "zod";
import type { EngineFact, EngineListener } from "../../contract/engine.ts";
import { type Addresses, isContact, isGroup, parseKey } from "./addresses.ts";
import { type Facts, removedMessage, typingOf } from "./facts.ts";
import type { Groups } from "./groups/groups.ts";
import { LiveLocations, type LivePosition } from "./live-locations.ts";
import { rawJson } from "./raw-json.ts";
import {
  HookedContact,
  HookedLocation,
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

/** What the page read of a chat's past, see `readHistory`. */
export interface ReadMessages {
  messages: unknown[];
  /** Older messages, of which only receipts, edits and revocations are new. */
  changed: unknown[];
  /** Reactions to any of the messages. */
  reactions: unknown[];
  /** Votes in any of the messages. */
  votes: unknown[];
}

const maxShapeLength = 200;
const maxLoggedShapes = 200;

/** Translates the events of the library and of our hooks into facts, one at a time, in the order of arrival. */
export class EventTranslator {
  private last: Promise<void> = Promise.resolve();
  private readonly loggedShapes = new Set<string>();
  private readonly liveLocations = new LiveLocations((position) =>
    this.receive("location", HookedLocation, position, (parsed) => this.parts.facts.location(parsed)),
  );

  constructor(
    private readonly parts: { facts: Facts; addresses: Addresses; groups: Groups },
    private readonly listener: EngineListener,
    private readonly log: Logger,
  ) {}

  /** Must be called before the login, otherwise the first messages are missed. */
  async attach(client: Whatsapp, page: Page, isOwn: (waKey: string) => boolean): Promise<void> {
    const { facts } = this.parts;
    const onMessage = (message: unknown) =>
      this.receive("message", VendorMessage, message, async (parsed) => {
        const fact = await facts.message(markRemoved(parsed));
        // Messages that this engine sent are stored already; those written on the phone are not.
        return fact?.kind === "message" && fact.direction === 1 && isOwn(fact.waKey) ? undefined : fact;
      });
    client.onAnyMessage(onMessage);
    client.onNotificationMessage(onMessage);
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
    await page.exposeFunction("syszapLocation", (position: LivePosition) => this.liveLocations.add(position));
    await page.exposeFunction("syszapRead", (id: string) => this.enqueue(() => this.parts.facts.read(id)));
    await page.exposeFunction("syszapPicture", (id: string) => this.pictureChanged(id));
  }

  stop(): void {
    this.liveLocations.stop();
  }

  nameChanged(contact: { id: string; name: string | null }): void {
    this.enqueue(() => this.parts.facts.contact(contact));
  }

  pictureChanged(id: string): void {
    this.enqueue(() => this.parts.facts.picture(id));
  }

  /** Translates messages that were read from the past, and their changes. Resolves after the live events before it. */
  async translate(read: ReadMessages): Promise<EngineFact[]> {
    await this.last; // a message that is also a live event is emitted as that
    const facts: EngineFact[] = [];
    const add = async <T extends z.ZodType>(...event: Parameters<typeof this.toFact<T>>) => {
      const fact = await this.toFact(...event).catch((err: unknown) => this.logFailure(err));
      if (fact) facts.push(fact);
    };
    const addChanges = async (message: unknown) => {
      await add("ack", VendorMessage, message, ({ id, ack }) => this.parts.facts.ack({ id, ack: ack ?? 0 }));
      await add("edit", VendorMessage, message, (parsed) => this.parts.facts.edit({ id: parsed.id, msg: parsed }));
      await add("location", VendorMessage, message, (parsed) => this.parts.facts.lastLocation(parsed));
      await add("revoke", VendorMessage, message, ({ id, type }) =>
        type === "revoked" ? this.parts.facts.revoke({ refId: id }) : undefined,
      );
    };
    for (const message of read.changed) await addChanges(message);
    for (const message of read.messages) {
      await add("message", VendorMessage, message, (parsed) => this.parts.facts.message(markRemoved(parsed)));
      await addChanges(message);
    }
    for (const vote of read.votes) await add("vote", VendorVote, vote, (parsed) => this.parts.facts.vote(parsed));
    for (const reaction of read.reactions)
      await add("reaction", VendorReaction, reaction, (parsed) => this.parts.facts.reaction(parsed));
    return this.parts.groups.complete(facts);
  }

  private receive<T extends z.ZodType>(...event: Parameters<typeof this.toFact<T>>): void {
    this.enqueue(() => this.toFact(...event));
  }

  /** Reports an event of an unknown type or shape. Of an unreadable message, returns a placeholder that keeps its position. */
  private async toFact<T extends z.ZodType>(
    kind: string,
    schema: T,
    payload: unknown,
    toFact: (parsed: z.infer<T>) => MaybeFact | Promise<MaybeFact>,
  ): Promise<MaybeFact> {
    const parsed = schema.safeParse(payload);
    if (parsed.success) {
      const fact = await toFact(parsed.data);
      const { waKey, waChatId = "", vendorKind } = fact?.kind === "message" ? fact : {};
      if (vendorKind !== undefined && this.isReceived(waChatId))
        this.reportUnknown({ kind, shape: `type ${vendorKind}`, waKey }, payload);
      return fact;
    }
    const shape = parsed.error.issues.map(({ path }) => path.join(".")).join(" ");
    const identified = VendorUnreadable.safeParse(payload);
    if (!identified.success) {
      this.reportUnknown({ kind, shape }, payload);
      return undefined;
    }
    const key = parseKey(identified.data.id);
    if (!this.isReceived(key?.chat ?? "")) return undefined;
    this.reportUnknown({ kind, shape, waKey: key?.waKey }, payload);
    return kind === "message" ? this.parts.facts.unreadable(identified.data) : undefined;
  }

  private enqueue(toFact: () => MaybeFact | Promise<MaybeFact>): void {
    this.last = this.last
      .then(toFact)
      .then(async (fact) => {
        for (const each of fact ? await this.parts.groups.complete([fact]) : []) this.listener.fact(each);
      })
      .catch((err: unknown) => this.logFailure(err));
  }

  /** Payloads of groups are reported only if the session receives groups. */
  private isReceived(chat: string): boolean {
    return isContact(chat) || (isGroup(chat) && this.parts.groups.isIncluded);
  }

  private logFailure(err: unknown): undefined {
    this.log.error({ err }, "a WhatsApp event could not be translated");
  }

  private receiveTyping(payload: unknown): void {
    const parsed = VendorPresence.safeParse(payload);
    if (!parsed.success || parsed.data.isGroup || !isContact(parsed.data.id)) return;
    const { id, state } = parsed.data;
    this.parts.addresses
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

/**
 * WhatsApp keeps the position of a message that was deleted before it was received, or before the page reported it; its revocation
 * follows. If the message is stored already, the worker ignores the placeholder.
 */
const markRemoved = (message: VendorMessage): VendorMessage =>
  message.type === "revoked" ? { ...message, type: removedMessage, caption: null } : message;
