import { z } from "zod";
import { MessageContent } from "../message-content.ts";
import { Direction, MessageStatus } from "../vocabulary.ts";
import { MessageKey, MissingFile, Person, StoredFile } from "./parts.ts";

/** WhatsApp delivered a message, or someone wrote one on the phone itself (Direction 1). */
export const MessageJob = MessageKey.extend({
  direction: Direction,
  waChatId: z.string().min(1).max(200),
  kind: z.enum([
    "text",
    "image",
    "video",
    "audio",
    "voice",
    "document",
    "sticker",
    "location",
    "contact",
    "poll",
    "system",
    "unknown",
  ]),
  /** Of `unknown`: what WhatsApp calls it. */
  vendorKind: z.string().min(1).max(100).optional(),
  body: z.string().max(200_000),
  /** The other side of the chat, also when we wrote. `name` is null while WhatsApp has not told it. */
  client: Person.extend({ name: z.string().max(500).nullable() }),
  media: StoredFile.optional(),
  missingMedia: MissingFile.optional(),
  /** With `missingMedia`: by what the session's engine finds the file, for further tries. Absent: there is nothing to try. */
  mediaHandle: z.string().min(1).max(2_000).optional(),
  content: MessageContent.optional(),
  status: MessageStatus.optional(),
  timestampMs: z.number().int().min(0).describe("WhatsApp's own time of the message"),
  generation: z.number().int().min(0).describe("of the lease under which it was received"),
  receipt: z.number().int().min(0).describe("counts what this owner received"),
  isHistory: z.boolean().default(false).describe("from before the link: stored without notices"),
});
export type MessageJob = z.infer<typeof MessageJob>;
