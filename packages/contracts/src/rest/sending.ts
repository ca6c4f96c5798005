import { z } from "zod";
import { maxFileNameLength, maxMessageBodyLength, messageChanges } from "../constants/index.ts";
import { SentFileKind } from "../vocabulary.ts";
import { isBlankOrVisible, notVisible, storable } from "./requests.ts";
import { SentContacts, SentLocation, SentPoll } from "./sent-content.ts";

const tooLong = `must have at most ${maxMessageBodyLength} characters: split the text into several messages`;
const body = storable(z.string().min(1).max(maxMessageBodyLength, tooLong)).refine(
  (text) => text.trim() !== "",
  "must not be blank",
);
const messageId = z.uuid().describe("a message of this chat");

/** True for one grapheme that is an emoji. Flags, families and skin tones consist of several code points. */
const isOneEmoji = (text: string) =>
  [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)].length === 1 &&
  /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20E3/u.test(text);

/** The kinds of send request besides text. Each excludes the others. */
const kinds = ["media", "location", "contacts", "poll", "forward", "reaction", "edit", "delete"] as const;

/**
 * Exactly one of: a text (`body` only), `media` (with `body` as caption), `location`, `contacts`, `poll`, `forward`, `reaction`, `edit`,
 * `delete`.
 */
export const SendMessageRequest = z
  .object({
    body: body.optional().describe("text, or caption of `media`"),
    replyTo: messageId.optional().describe("the message of this chat to reply to; WhatsApp shows it above"),
    media: z
      .object({
        id: z.uuid().describe("an uploaded file, or a file of a message"),
        as: SentFileKind.optional().describe("default: by the type of the file. `voice` is Opus in an Ogg file"),
      })
      .optional(),
    location: SentLocation.optional(),
    contacts: SentContacts.optional(),
    poll: SentPoll.optional(),
    forward: z
      .object({ messageId: z.uuid().describe("a message of any chat that you see") })
      .optional()
      .describe("sends the content of a message to this chat"),
    reaction: z
      .object({
        messageId,
        emoji: z
          .string()
          .max(64)
          .refine((emoji) => emoji === "" || isOneEmoji(emoji), "must be one emoji, or empty")
          .describe("empty: remove our reaction"),
      })
      .optional(),
    edit: z.object({ messageId, body }).optional().describe("changes a sent message, within 15 minutes"),
    delete: z.object({ messageId }).optional().describe("deletes a sent message for everyone, within about two days"),
  })
  .superRefine((request, context) => {
    const present = kinds.filter((name) => request[name] !== undefined);
    if (present.length > 1) context.addIssue({ code: "custom", message: `choose one of ${present.join(", ")}` });
    const [kind] = present;
    if (kind === undefined && request.body === undefined)
      context.addIssue({ code: "custom", path: ["body"], message: "is missing: there is nothing to send" });
    const mayHave = { body: kind === undefined || kind === "media", replyTo: kind !== "forward" && !changes.has(kind) };
    for (const name of ["body", "replyTo"] as const) {
      if (request[name] !== undefined && !mayHave[name])
        context.addIssue({ code: "custom", path: [name], message: `cannot be combined with ${kind}` });
    }
  });
export type SendMessageRequest = z.infer<typeof SendMessageRequest>;
/** The request before parsing. */
export type SendMessageInput = z.input<typeof SendMessageRequest>;
const changes: ReadonlySet<string | undefined> = new Set(messageChanges);

export const UploadRequest = z.object({
  fileName: storable(z.string().min(1).max(maxFileNameLength))
    .refine(isBlankOrVisible, notVisible)
    .optional()
    .describe("name that recipients see"),
});
