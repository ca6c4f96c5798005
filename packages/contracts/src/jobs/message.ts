import { z } from "zod";
import { isGroupChat, messageKinds } from "../constants/index.ts";
import { MessageContent, MessageContext } from "../message-content.ts";
import { Direction, MessageStatus } from "../vocabulary.ts";
import { MessageKey, MissingFile, NamedContact, QuotedOriginal, StoredFile, WhatsAppChatId } from "./parts.ts";

/** A message was received, or was sent on the phone itself (direction `out`). */
export const MessageJob = MessageKey.extend({
  direction: Direction,
  waChatId: WhatsAppChatId,
  kind: z.enum(messageKinds),
  /** WhatsApp's name of the kind, if `kind` is `unknown`. */
  vendorKind: z.string().min(1).max(100).optional(),
  body: z.string().max(200_000),
  /** The other side of the chat, for both directions. Absent in a group. */
  client: NamedContact.optional(),
  /** In a group: the participant who wrote a received message. */
  sender: NamedContact.optional(),
  mentionsUs: z
    .boolean()
    .optional()
    .describe("true: a received message that mentions the session's number, or everyone"),
  media: StoredFile.optional(),
  missingMedia: MissingFile.optional(),
  /** With `missingMedia`: the engine's reference to the file, for further attempts. Absent if no further attempt is possible. */
  mediaHandle: z.string().min(1).max(2_000).optional(),
  content: MessageContent.optional(),
  context: MessageContext.optional(),
  quoted: QuotedOriginal.optional(),
  status: MessageStatus.optional(),
  timestampMs: z.number().int().min(0).describe("WhatsApp's time of the message"),
  generation: z.number().int().min(0).describe("lease generation of the connector that received it"),
  receipt: z.number().int().min(0).describe("sequence number within the generation"),
  receivedAtMs: z.number().int().min(0).optional().describe("when the connector received it, by the connector's clock"),
  isLate: z.boolean().optional().describe("reached the connector more than a minute after it was written"),
  isHistory: z.boolean().default(false).describe("sent before the phone was linked; stored without events"),
}).refine(({ client, waChatId }) => isGroupChat(waChatId) === (client === undefined), {
  path: ["client"],
  message: "must be absent in a group, and present in any other chat",
});
export type MessageJob = z.infer<typeof MessageJob>;
