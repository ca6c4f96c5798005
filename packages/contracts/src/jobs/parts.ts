import { z } from "zod";
import { messageKinds, previewLength } from "../constants/index.ts";
import { Direction, MissingMediaState, Username, WhatsAppNumber } from "../vocabulary.ts";

/** Company and session of a fact, set by the connector that owns the session. */
export const Origin = z.object({ companyId: z.uuid(), sessionId: z.uuid() });

/** WhatsApp's message id without the chat part, which changes when a chat migrates to a LID. */
export const WhatsAppKey = z.string().min(1).max(200);

export const WhatsAppChatId = z.string().min(1).max(200);

/**
 * A WhatsApp account, by phone number, LID (WhatsApp's internal id, digits only) or both. While the phone number of a LID is
 * unknown, `number` repeats the LID.
 */
export const ContactIdentity = z.object({
  number: WhatsAppNumber,
  lid: WhatsAppNumber.optional(),
  username: Username.optional().describe("absent: not reported"),
});

/** A person whom WhatsApp names. `name` is null while it is unknown. */
export const NamedContact = ContactIdentity.extend({ name: z.string().max(500).nullable() });
export type NamedContact = z.infer<typeof NamedContact>;

/** Identifies a message within its session. */
export const MessageKey = Origin.extend({ waKey: WhatsAppKey, direction: Direction });

/**
 * Identifies the message that a fact is about. The chat decides between messages of two contacts whose phones created the same key;
 * older connectors do not send it.
 */
export const FactKey = MessageKey.extend({ waChatId: WhatsAppChatId.optional() });

/**
 * The message that another one replies to. WhatsApp sends a copy of it, which is shown if the original is not stored. `direction` is
 * null while the author is unknown.
 */
export const QuotedOriginal = z.object({
  waKey: WhatsAppKey,
  direction: Direction.nullable(),
  kind: z.enum(messageKinds),
  body: z.string().max(previewLength).describe("'' if WhatsApp sent no copy"),
  sender: NamedContact.optional().describe("in a group: the participant who wrote it"),
});
export type QuotedOriginal = z.infer<typeof QuotedOriginal>;

/** A file in the media store. Jobs never contain the bytes. */
export const StoredFile = z.object({
  storageKey: z.string().min(1).max(500),
  mimeType: z.string().max(200),
  fileName: z.string().max(500).nullable(),
  size: z.number().int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type StoredFile = z.infer<typeof StoredFile>;

/** A file that is not in the media store. If it is `pending`, a `media` job with the result follows. */
export const MissingFile = z.object({
  state: MissingMediaState,
  reason: z.string().max(500).describe("why the file is missing, in English"),
  mimeType: z.string().max(200),
  fileName: z.string().max(500).nullable(),
  size: z.number().int().min(0).nullable().describe("bytes, as declared by WhatsApp"),
  limit: z.number().int().min(0).nullable().describe("bytes; set if the file exceeds the limit"),
});
export type MissingFile = z.infer<typeof MissingFile>;
