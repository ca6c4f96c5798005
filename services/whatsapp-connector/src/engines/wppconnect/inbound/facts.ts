import { type MessageKind, type MessageStatus, type TypingState, visibleName } from "@syszap/contracts";
import type { z } from "zod";
import type { EngineFact, EngineMedia } from "../../contract/engine.ts";
import { noteText } from "../../contract/note-text.ts";
import {
  type Addresses,
  directionOf,
  isChat,
  isContact,
  isGroup,
  isInboxChat,
  type ParsedKey,
  parseKey,
} from "./addresses.ts";
import { type ReadContent, readContent } from "./content/content.ts";
import { contextOf, mentionsUs } from "./context.ts";
import { readNote } from "./groups/notes.ts";
import { People } from "./groups/people.ts";
import { resolveNote } from "./groups/resolve-note.ts";
import { quotedOf } from "./quoted.ts";
import type {
  HookedContact,
  HookedLocation,
  VendorAck,
  VendorEdit,
  VendorMessage,
  VendorReaction,
  VendorRevoke,
  VendorUnreadable,
  VendorVote,
} from "./vendor.ts";

const withMedia: ReadonlySet<string> = new Set(["image", "video", "audio", "voice", "document", "sticker"]);
/** Type of the placeholder for a message that was deleted before it was received. */
export const removedMessage = "removed_message";
/**
 * Types that are not messages. They arrive again under their real type or through another listener, describe a change of another
 * message, or are notifications, of which some become notes. The pictures of an album are separate messages.
 */
const notMessages: ReadonlySet<string> = new Set([
  "ciphertext",
  "protocol",
  "revoked",
  "album",
  "reaction",
  "reaction_enc",
  "poll_update",
  "event_response",
  "pinned_message",
  "pin_message",
  "pin_in_chat",
  "keep_in_chat",
  "notification",
  "notification_template",
  "group_notification",
  "gp2",
  "broadcast_notification",
  "e2e_notification",
  "newsletter_notification",
]);
/** The only one of WhatsApp's own notices that is shown to users, for incoming calls. */
const callNotice = "call_log";
const isMessage = ({ type, isNotification }: VendorMessage, { fromMe }: ParsedKey): boolean =>
  type === callNotice ? !fromMe : !isNotification && !notMessages.has(type);

/** Translates WhatsApp's ack number; undefined if it has no meaning for users. */
export function statusOfAck(ack: number): Exclude<MessageStatus, "queued"> | undefined {
  if (ack < 0) return "failed";
  return ([undefined, "sent", "delivered", "read", "played"] as const)[ack];
}

export const typingOf = (state: string | null | undefined): TypingState =>
  state === "composing" || state === "recording" ? state : "paused";

/** Translates the library's events into facts. Returns undefined for events that are not part of the inbox. */
export class Facts {
  constructor(
    private readonly addresses: Addresses,
    private readonly people = new People(addresses),
  ) {}

  async message(message: VendorMessage): Promise<EngineFact | undefined> {
    const key = parseKey(message.id);
    if (!key || !isChat(key.chat)) return undefined;
    const note = await this.note(message, key);
    if (!note && !isMessage(message, key)) return undefined;
    const { waChatId } = await this.addresses.resolve(key.chat);
    const timestampMs = millisecondsOf(message.t ?? message.timestamp ?? Date.now());
    const { kind: type, ...read } = note ?? readContent(message, timestampMs);
    const isSecret = message.isViewOnce === true;
    const status = key.fromMe ? statusOfAck(message.ack ?? 0) : undefined;
    const context = await contextOf(message, this.addresses, timestampMs);
    const quoted = await quotedOf(message, waChatId, this.addresses, this.people);
    return {
      kind: "message",
      waKey: key.waKey,
      waChatId,
      direction: directionOf(key),
      type,
      ...(isInboxChat(key.chat) &&
        type === "unknown" &&
        message.type !== removedMessage && { vendorKind: message.type }),
      ...(isSecret ? { body: "" } : { ...read, ...mediaOf(message, type) }),
      ...(context && !note && { context }),
      ...(quoted && { quoted }),
      ...(isGroup(key.chat) ? !note && (await this.writerOf(message, key)) : await this.clientOf(message, key)),
      ...(status && { status }),
      timestampMs,
      isHistory: false, // the session knows when the phone was linked
    };
  }

  /** A notification that is shown in the chat. */
  private async note(message: VendorMessage, key: ParsedKey): Promise<ReadContent | undefined> {
    const read = isInboxChat(key.chat) ? readNote(message, key) : undefined;
    if (!read) return undefined;
    const note = await resolveNote(read, this.people, this.addresses);
    return { kind: "system", body: noteText(note), content: { note } };
  }

  /** The sender's name of an outgoing message is the company's. */
  private async clientOf(message: VendorMessage, { chat, fromMe }: ParsedKey) {
    const { address } = await this.addresses.resolve(chat);
    const name = fromMe || message.isNotification ? null : nameOf(message);
    return { client: { ...address, ...usernameOf(fromMe ? undefined : message.sender?.username), name } };
  }

  private async writerOf(message: VendorMessage, { fromMe, participant }: ParsedKey) {
    const writer = message.author ?? participant;
    if (fromMe || !writer || !isContact(writer)) return {};
    const sender = await this.people.sender(writer, nameOf(message));
    return {
      sender: { ...sender, ...usernameOf(message.sender?.username) },
      ...(mentionsUs(message, this.addresses) && { mentionsUs: true }),
    };
  }

  /** Returns a placeholder for a message of which only the id could be read. */
  async unreadable({ id, t }: z.infer<typeof VendorUnreadable>): Promise<EngineFact | undefined> {
    return this.message({ id, type: "unreadable", t: t ?? undefined });
  }

  async ack({ id, ack }: z.infer<typeof VendorAck>): Promise<EngineFact | undefined> {
    const key = parseKey(id);
    const status = statusOfAck(ack);
    if (!key?.fromMe || !isInboxChat(key.chat) || !status) return undefined;
    return {
      ...(await this.identify(key)),
      kind: "ack",
      status,
      ...(status === "failed" && { reason: "WhatsApp did not accept the message" }),
      timestampMs: Date.now(),
    };
  }

  async edit({ id, msg }: z.infer<typeof VendorEdit>): Promise<EngineFact | undefined> {
    const key = parseKey(id);
    const editKey = msg.latestEditMsgKey && parseKey(msg.latestEditMsgKey);
    if (!key || !editKey || !isInboxChat(key.chat)) return undefined;
    return {
      ...(await this.identify(key)),
      kind: "edit",
      editKey: editKey.waKey,
      body: readContent(msg).body,
      timestampMs: millisecondsOf(msg.latestEditSenderTimestampMs ?? Date.now()),
    };
  }

  async revoke({ refId }: z.infer<typeof VendorRevoke>): Promise<EngineFact | undefined> {
    const key = parseKey(refId);
    if (!key || !isInboxChat(key.chat)) return undefined;
    return { ...(await this.identify(key)), kind: "revoke", timestampMs: Date.now() };
  }

  async reaction({
    id,
    msgId,
    reactionText,
    timestamp,
    sender,
  }: z.infer<typeof VendorReaction>): Promise<EngineFact | undefined> {
    const by = parseKey(id);
    const key = parseKey(msgId);
    if (!by || !key || !isInboxChat(key.chat)) return undefined;
    return {
      ...(await this.identify(key)),
      kind: "reaction",
      ...(isGroup(key.chat) ? await this.sideOf(by, sender) : { from: by.fromMe ? "company" : "client" }),
      emoji: reactionText ?? "",
      timestampMs: millisecondsOf(timestamp ?? Date.now()),
    };
  }

  /** WhatsApp does not always name the voter. In a chat of two, the voter is then the client. */
  async vote({
    msgId,
    selectedOptions,
    timestamp,
    sender,
  }: z.infer<typeof VendorVote>): Promise<EngineFact | undefined> {
    const key = parseKey(msgId);
    if (!key || !isInboxChat(key.chat)) return undefined;
    const poll = await this.identify(key);
    const options = selectedOptions.flatMap((option) => option?.name ?? []);
    const timestampMs = millisecondsOf(timestamp ?? Date.now());
    if (isGroup(key.chat))
      return { ...poll, kind: "vote", ...(await this.sideOf({ fromMe: false }, sender)), options, timestampMs };
    const isClient = !sender || !isContact(sender) || (await this.addresses.resolve(sender)).waChatId === poll.waChatId;
    return { ...poll, kind: "vote", from: isClient ? "client" : "company", options, timestampMs };
  }

  async location({ id, ...position }: z.infer<typeof HookedLocation>): Promise<EngineFact | undefined> {
    const key = parseKey(id);
    if (!key || !isInboxChat(key.chat)) return undefined;
    return { ...(await this.identify(key)), kind: "location", ...position, timestampMs: Date.now() };
  }

  /** The last position of a live location that is read again. */
  async lastLocation(message: VendorMessage): Promise<EngineFact | undefined> {
    const hasEnded = typeof message.finalLat === "number";
    const found = hasEnded || message.isLive ? readContent(message).content?.location : undefined;
    if (!found) return undefined;
    const { latitude, longitude } = found;
    return this.location({ id: message.id, latitude, longitude, hasEnded });
  }

  async contact({ id, name, username }: z.infer<typeof HookedContact>): Promise<EngineFact | undefined> {
    const named = { ...(name && { name }), ...usernameOf(username) };
    if (!isContact(id) || Object.keys(named).length === 0) return undefined;
    const { address } = await this.addresses.resolve(id);
    return { kind: "contact", ...address, ...named, timestampMs: Date.now() };
  }

  async read(id: string): Promise<EngineFact | undefined> {
    if (!isInboxChat(id)) return undefined;
    const { waChatId } = await this.addresses.resolve(id);
    return { kind: "read", waChatId, timestampMs: Date.now() };
  }

  async picture(id: string): Promise<EngineFact | undefined> {
    if (isGroup(id)) return { kind: "group", waChatId: id, pictureChanged: true, timestampMs: Date.now() };
    if (!isContact(id)) return undefined;
    const { address } = await this.addresses.resolve(id);
    return { kind: "contact", ...address, pictureChanged: true, timestampMs: Date.now() };
  }

  /** Who reacted or voted in a group. */
  private async sideOf(
    { fromMe, participant }: Pick<ParsedKey, "fromMe" | "participant">,
    sender: string | null | undefined,
  ): Promise<Pick<Extract<EngineFact, { kind: "reaction" }>, "from" | "sender">> {
    const wid = sender && isContact(sender) ? sender : participant;
    if (fromMe || (wid !== undefined && this.addresses.isOwn(wid))) return { from: "company" };
    return { from: "client", ...(wid !== undefined && isContact(wid) && { sender: await this.people.named(wid) }) };
  }

  private async identify(key: ParsedKey) {
    const { waChatId } = await this.addresses.resolve(key.chat);
    return { waKey: key.waKey, waChatId, direction: directionOf(key) };
  }
}

function mediaOf({ id, mimetype, filename, size }: VendorMessage, kind: MessageKind): { media?: EngineMedia } {
  if (!withMedia.has(kind)) return {};
  return {
    media: {
      handle: id,
      mimeType: mimetype ?? "application/octet-stream",
      fileName: filename ?? null,
      ...(typeof size === "number" && { sizeBytes: size }),
    },
  };
}

/** A business has a verified name, which WhatsApp shows for contacts without another one. */
const nameOf = ({ sender, notifyName, verifiedBizName }: VendorMessage): string | null =>
  [sender?.name, sender?.pushname, notifyName, verifiedBizName, sender?.verifiedName].find((name) =>
    visibleName(name),
  ) ?? null;

const usernameOf = (username: string | null | undefined) => (username ? { username } : {});

/** Timestamps are seconds in some versions of the library, milliseconds in others. */
const millisecondsOf = (time: number): number => Math.round(time < 1e12 ? time * 1000 : time);
