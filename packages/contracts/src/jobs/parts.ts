import { z } from "zod";
import { Direction, MissingMediaState, WhatsAppNumber } from "../vocabulary.ts";

/** Where a fact comes from. The owner of the session vouches for company and session. */
export const Origin = z.object({ companyId: z.uuid(), sessionId: z.uuid() });

/** WhatsApp's bare key id, without the chat: a LID migration changes the chat part. */
export const WhatsAppKey = z.string().min(1).max(200);

/**
 * Whom WhatsApp means: by phone number, by LID (the digits of its own name for a person), or both. While nobody knows the number
 * of a LID, `number` repeats the LID.
 */
export const Person = z.object({ number: WhatsAppNumber, lid: WhatsAppNumber.optional() });

/** Names a message of the session that `Origin` names. */
export const MessageKey = Origin.extend({ waKey: WhatsAppKey, direction: Direction });

/** A file in the media store; the bytes never travel inside a job. */
export const StoredFile = z.object({
  storageKey: z.string().min(1).max(500),
  mimeType: z.string().max(200),
  fileName: z.string().max(500).nullable(),
  size: z.number().int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type StoredFile = z.infer<typeof StoredFile>;

/** A file that WhatsApp told of and that is not in the media store. Of one that is `pending`, a `media` job tells more later. */
export const MissingFile = z.object({
  state: MissingMediaState,
  reason: z.string().max(500).describe("in English, for people"),
  mimeType: z.string().max(200),
  fileName: z.string().max(500).nullable(),
  size: z.number().int().min(0).nullable().describe("in bytes, as WhatsApp declares it"),
  limit: z.number().int().min(0).nullable().describe("in bytes, when the file is over it"),
});
export type MissingFile = z.infer<typeof MissingFile>;
