import {
  direction,
  type MessageContent,
  type MessageKind,
  type MessageStatus,
  type TypingState,
} from "@syszap/contracts";
import type { z } from "zod";
import type { EngineFact } from "../../contract/engine.ts";
import { type Addresses, isPerson, isTalk, type ParsedKey, parseKey } from "./addresses.ts";
import { contentOf } from "./content.ts";
import type { VendorAck, VendorEdit, VendorMessage, VendorReaction, VendorRevoke, VendorUnreadable } from "./vendor.ts";

const kinds: Record<string, MessageKind> = {
  chat: "text",
  image: "image",
  video: "video",
  ptv: "video",
  audio: "audio",
  ptt: "voice",
  document: "document",
  sticker: "sticker",
  location: "location",
  vcard: "contact",
  multi_vcard: "contact",
  poll_creation: "poll",
  call_log: "system",
};
const withMedia: ReadonlySet<MessageKind> = new Set(["image", "video", "audio", "voice", "document", "sticker"]);
/** Of a message that was deleted before anybody heard it: its place is told, then what deletes it. */
export const deleted = "deleted_unheard";
/** Told again under their real type, or by a listener of their own; the pictures of an album are messages themselves. */
const notMessages: ReadonlySet<string> = new Set(["ciphertext", "protocol", "revoked", "reaction", "album"]);
/** Of what WhatsApp itself notes in a chat, people should know of this one alone; of their own calls they do know. */
const note = "call_log";
const isTold = ({ type, isNotification }: VendorMessage, { fromMe }: ParsedKey): boolean =>
  type === note ? !fromMe : !isNotification && !notMessages.has(type);

const directionOf = (fromMe: boolean) => (fromMe ? direction.out : direction.in);

/** WhatsApp's number of an ack; undefined for those that tell nothing. */
export function statusOfAck(ack: number): Exclude<MessageStatus, "queued"> | undefined {
  if (ack < 0) return "failed";
  return ([undefined, "sent", "delivered", "read", "played"] as const)[ack];
}
export const typingOf = (state: string | null | undefined): TypingState =>
  state === "composing" || state === "recording" ? state : "paused";

/** The library's tellings as facts; undefined for what is not part of the inbox. */
export class Facts {
  constructor(
    private readonly addresses: Addresses,
    private readonly isHistory: (timestampMs: number) => boolean,
  ) {}

  async message(message: VendorMessage): Promise<EngineFact | undefined> {
    const key = parseKey(message.id);
    if (!key || !isTalk(key.chat) || !isTold(message, key)) return undefined;
    const { who, waChatId } = await this.addresses.person(key.chat);
    const type = kinds[message.type] ?? "unknown";
    const content = contentOf(message, type);
    const status = key.fromMe ? statusOfAck(message.ack ?? 0) : undefined;
    const timestampMs = millisecondsOf(message.t ?? message.timestamp ?? Date.now());
    return {
      kind: "message",
      waKey: key.waKey,
      waChatId,
      direction: directionOf(key.fromMe),
      type,
      ...(isPerson(key.chat) && type === "unknown" && message.type !== deleted && { vendorKind: message.type }),
      body: bodyOf(message, type, content),
      ...(content && { content }),
      // Of a message of ours the sender is ourselves.
      client: { ...who, name: key.fromMe ? null : nameOf(message) },
      ...(withMedia.has(type) && {
        media: {
          handle: message.id,
          mimeType: message.mimetype ?? "application/octet-stream",
          fileName: message.filename ?? null,
          ...(typeof message.size === "number" && { sizeBytes: message.size }),
        },
      }),
      ...(status && { status }),
      timestampMs,
      isHistory: this.isHistory(timestampMs),
    };
  }
  /** All that can be told of a message of which nothing but the id could be read. */
  async unreadable({ id, t }: z.infer<typeof VendorUnreadable>): Promise<EngineFact | undefined> {
    return this.message({ id, type: "unreadable", t: t ?? undefined });
  }
  async ack({ id, ack }: z.infer<typeof VendorAck>): Promise<EngineFact | undefined> {
    const key = parseKey(id);
    const status = statusOfAck(ack);
    if (!key?.fromMe || !isPerson(key.chat) || !status) return undefined;
    return {
      ...(await this.named(key)),
      kind: "ack",
      status,
      ...(status === "failed" && { reason: "WhatsApp did not take the message" }),
      timestampMs: Date.now(),
    };
  }
  async edit({ id, msg }: z.infer<typeof VendorEdit>): Promise<EngineFact | undefined> {
    const key = parseKey(id);
    const editKey = msg.latestEditMsgKey && parseKey(msg.latestEditMsgKey);
    if (!key || !editKey || !isPerson(key.chat)) return undefined;
    return {
      ...(await this.named(key)),
      kind: "edit",
      editKey: editKey.waKey,
      body: bodyOf(msg, kinds[msg.type] ?? "unknown"),
      timestampMs: millisecondsOf(msg.latestEditSenderTimestampMs ?? Date.now()),
    };
  }
  async revoke({ refId }: z.infer<typeof VendorRevoke>): Promise<EngineFact | undefined> {
    const key = parseKey(refId);
    if (!key || !isPerson(key.chat)) return undefined;
    return { ...(await this.named(key)), kind: "revoke", timestampMs: Date.now() };
  }
  async reaction({
    id,
    msgId,
    reactionText,
    timestamp,
  }: z.infer<typeof VendorReaction>): Promise<EngineFact | undefined> {
    const by = parseKey(id);
    const key = parseKey(msgId);
    if (!by || !key || !isPerson(key.chat)) return undefined;
    return {
      ...(await this.named(key)),
      kind: "reaction",
      from: by.fromMe ? "company" : "client",
      emoji: reactionText ?? "",
      timestampMs: millisecondsOf(timestamp ?? Date.now()),
    };
  }
  async contact({ id, name }: { id: string; name: string | null }): Promise<EngineFact | undefined> {
    if (!isPerson(id) || name === null || name === "") return undefined;
    const { who } = await this.addresses.person(id);
    return { kind: "contact", ...who, name, timestampMs: Date.now() };
  }
  async picture(id: string): Promise<EngineFact | undefined> {
    if (!isPerson(id)) return undefined;
    const { who } = await this.addresses.person(id);
    return { kind: "contact", ...who, pictureChanged: true, timestampMs: Date.now() };
  }

  private async named(key: ParsedKey) {
    const { waChatId } = await this.addresses.person(key.chat);
    return { waKey: key.waKey, waChatId, direction: directionOf(key.fromMe) };
  }
}

/** The body of anything but text is a thumbnail or a card, never for people: they get what can be read of it. */
function bodyOf(message: VendorMessage, type: MessageKind, content?: MessageContent): string {
  if (type === "text") return message.body ?? "";
  if (type === "contact") return content?.contacts?.map(({ name }) => name).join(", ") ?? message.caption ?? "";
  if (type === "poll") return message.pollName ?? "";
  if (type === "location") return message.loc ?? "";
  return message.caption ?? "";
}
const nameOf = (message: VendorMessage): string | null =>
  message.sender?.name || message.sender?.pushname || message.notifyName || null;
/** Seconds in some versions, milliseconds in others. */
const millisecondsOf = (time: number): number => Math.round(time < 1e12 ? time * 1000 : time);
