import {
  direction,
  type MessageContent,
  type MessageKind,
  type MessageStatus,
  type TypingState,
} from "@syszap/contracts";
import type { z } from "zod";
import type { EngineFact } from "../../contract/engine.ts";
import { type Addresses, isChat, isContact, type ParsedKey, parseKey } from "./addresses.ts";
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
/** Type of the placeholder for a message that was deleted before it was received. */
export const removedMessage = "removed_message";
/** Types that arrive again under their real type, or through another listener. The pictures of an album are separate messages. */
const notMessages: ReadonlySet<string> = new Set(["ciphertext", "protocol", "revoked", "reaction", "album"]);
/** The only one of WhatsApp's own notices that is shown to users, for incoming calls. */
const callNotice = "call_log";
const isMessage = ({ type, isNotification }: VendorMessage, { fromMe }: ParsedKey): boolean =>
  type === callNotice ? !fromMe : !isNotification && !notMessages.has(type);

const directionOf = (fromMe: boolean) => (fromMe ? direction.out : direction.in);

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
    private readonly isHistory: (timestampMs: number) => boolean,
  ) {}

  async message(message: VendorMessage): Promise<EngineFact | undefined> {
    const key = parseKey(message.id);
    if (!key || !isChat(key.chat) || !isMessage(message, key)) return undefined;
    const { address, waChatId } = await this.addresses.resolve(key.chat);
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
      ...(isContact(key.chat) && type === "unknown" && message.type !== removedMessage && { vendorKind: message.type }),
      body: bodyOf(message, type, content),
      ...(content && { content }),
      // The sender's name of an outgoing message is the company's.
      client: { ...address, name: key.fromMe ? null : nameOf(message) },
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

  /** Returns a placeholder for a message of which only the id could be read. */
  async unreadable({ id, t }: z.infer<typeof VendorUnreadable>): Promise<EngineFact | undefined> {
    return this.message({ id, type: "unreadable", t: t ?? undefined });
  }

  async ack({ id, ack }: z.infer<typeof VendorAck>): Promise<EngineFact | undefined> {
    const key = parseKey(id);
    const status = statusOfAck(ack);
    if (!key?.fromMe || !isContact(key.chat) || !status) return undefined;
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
    if (!key || !editKey || !isContact(key.chat)) return undefined;
    return {
      ...(await this.identify(key)),
      kind: "edit",
      editKey: editKey.waKey,
      body: bodyOf(msg, kinds[msg.type] ?? "unknown"),
      timestampMs: millisecondsOf(msg.latestEditSenderTimestampMs ?? Date.now()),
    };
  }

  async revoke({ refId }: z.infer<typeof VendorRevoke>): Promise<EngineFact | undefined> {
    const key = parseKey(refId);
    if (!key || !isContact(key.chat)) return undefined;
    return { ...(await this.identify(key)), kind: "revoke", timestampMs: Date.now() };
  }

  async reaction({
    id,
    msgId,
    reactionText,
    timestamp,
  }: z.infer<typeof VendorReaction>): Promise<EngineFact | undefined> {
    const by = parseKey(id);
    const key = parseKey(msgId);
    if (!by || !key || !isContact(key.chat)) return undefined;
    return {
      ...(await this.identify(key)),
      kind: "reaction",
      from: by.fromMe ? "company" : "client",
      emoji: reactionText ?? "",
      timestampMs: millisecondsOf(timestamp ?? Date.now()),
    };
  }

  async contact({ id, name }: { id: string; name: string | null }): Promise<EngineFact | undefined> {
    if (!isContact(id) || name === null || name === "") return undefined;
    const { address } = await this.addresses.resolve(id);
    return { kind: "contact", ...address, name, timestampMs: Date.now() };
  }

  async picture(id: string): Promise<EngineFact | undefined> {
    if (!isContact(id)) return undefined;
    const { address } = await this.addresses.resolve(id);
    return { kind: "contact", ...address, pictureChanged: true, timestampMs: Date.now() };
  }

  private async identify(key: ParsedKey) {
    const { waChatId } = await this.addresses.resolve(key.chat);
    return { waKey: key.waKey, waChatId, direction: directionOf(key.fromMe) };
  }
}

/** The body of other types than text is a thumbnail or a card. Users get the readable part of it. */
function bodyOf(message: VendorMessage, type: MessageKind, content?: MessageContent): string {
  if (type === "text") return message.body ?? "";
  if (type === "contact") return content?.contacts?.map(({ name }) => name).join(", ") ?? message.caption ?? "";
  if (type === "poll") return message.pollName ?? "";
  if (type === "location") return message.loc ?? "";
  return message.caption ?? "";
}

const nameOf = (message: VendorMessage): string | null =>
  message.sender?.name || message.sender?.pushname || message.notifyName || null;

/** Timestamps are seconds in some versions of the library, milliseconds in others. */
const millisecondsOf = (time: number): number => Math.round(time < 1e12 ? time * 1000 : time);
