import { z } from "zod";
import { maxFileNameLength, maxMessageBodyLength } from "../constants/index.ts";
import { Location } from "../message-content.ts";
import { SentFileKind } from "../vocabulary.ts";
import { storable } from "./requests.ts";

const tooLong = `must have at most ${maxMessageBodyLength} characters: split it into several messages`;
const body = storable(z.string().min(1).max(maxMessageBodyLength, tooLong)).refine(
  (text) => text.trim() !== "",
  "must not be blank",
);
const messageId = z.uuid().describe("a message of this chat");

/** One sign as people see it, of those that WhatsApp shows in colour: flags, families and skin tones are several characters. */
const isOneEmoji = (text: string) =>
  [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)].length === 1 &&
  /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20E3/u.test(text);

/** Each of these is one order; `body` and `replyTo` may stand beside a file or a place. */
const orders = ["media", "location", "reaction", "edit", "delete"] as const;

/** Exactly one of: a text (`body` alone), `media` (`body` is its caption), `location`, `reaction`, `edit`, `delete`. */
export const SendMessageRequest = z
  .object({
    body: body.optional().describe("the text, or the caption of `media`"),
    replyTo: messageId.optional().describe("the message of this chat that is answered: WhatsApp shows it above"),
    media: z
      .object({
        id: z.uuid().describe("of a file that was uploaded, or came with a message"),
        as: SentFileKind.optional().describe("without it: by what the file is"),
      })
      .optional(),
    location: Location.extend({
      name: storable(z.string().max(500)).nullable().default(null),
      address: storable(z.string().max(1_000)).nullable().default(null),
    }).optional(),
    reaction: z
      .object({
        messageId,
        emoji: z
          .string()
          .max(64)
          .refine((emoji) => emoji === "" || isOneEmoji(emoji), "must be one emoji, or empty")
          .describe("empty: takes ours back"),
      })
      .optional(),
    edit: z.object({ messageId, body }).optional().describe("of a message of ours, within 15 minutes"),
    delete: z.object({ messageId }).optional().describe("for everyone: a message of ours, within about two days"),
  })
  .superRefine((request, context) => {
    const given = orders.filter((name) => request[name] !== undefined);
    if (given.length > 1) context.addIssue({ code: "custom", message: `choose one of ${given.join(", ")}` });
    const [order] = given;
    if (order === undefined && request.body === undefined)
      context.addIssue({ code: "custom", path: ["body"], message: "is missing: there is nothing to send" });
    const mayHave = { body: order === undefined || order === "media", replyTo: !changes.has(order) };
    for (const name of ["body", "replyTo"] as const) {
      if (request[name] !== undefined && !mayHave[name])
        context.addIssue({ code: "custom", path: [name], message: `does not go with ${order}` });
    }
  });
export type SendMessageRequest = z.infer<typeof SendMessageRequest>;
/** As a client writes it. */
export type SendMessageInput = z.input<typeof SendMessageRequest>;
const changes: ReadonlySet<string | undefined> = new Set(["reaction", "edit", "delete"]);

export const UploadRequest = z.object({
  fileName: storable(z.string().min(1).max(maxFileNameLength)).optional().describe("as people shall see it"),
});
