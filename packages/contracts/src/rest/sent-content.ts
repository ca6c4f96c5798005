import { z } from "zod";
import { maxPollOptionLength, maxPollOptions, maxPollQuestionLength, maxSentContacts } from "../constants/index.ts";
import { ContactCard, Location, Poll } from "../message-content.ts";
import { WhatsAppNumber } from "../vocabulary.ts";
import { isBlankOrVisible, notVisible, storable, visibleText } from "./requests.ts";

export const SentLocation = Location.omit({ isLive: true, updatedAt: true, liveUntil: true }).extend({
  name: storable(z.string().max(500)).refine(isBlankOrVisible, notVisible).nullable().default(null),
  address: storable(z.string().max(1_000)).nullable().default(null),
});

/** Contact cards. The recipient can write to the numbers that have a `whatsAppNumber`. */
export const SentContacts = z
  .array(
    ContactCard.extend({
      name: visibleText(200),
      organisation: visibleText(200).nullable().default(null),
      numbers: z
        .array(
          z.object({
            text: visibleText(100).describe("as shown on the card"),
            whatsAppNumber: WhatsAppNumber.nullable().default(null),
          }),
        )
        .min(1)
        .max(20),
    }),
  )
  .min(1)
  .max(maxSentContacts);

const isDistinct = (options: readonly string[]) => new Set(options).size === options.length;

export const SentPoll = Poll.omit({ votes: true })
  .extend({
    question: visibleText(maxPollQuestionLength),
    options: z
      .array(visibleText(maxPollOptionLength))
      .min(2)
      .max(maxPollOptions)
      .refine(isDistinct, "must not contain the same option twice"),
    mostChoices: z.number().int().min(1).nullable().default(1).describe("null: no limit"),
  })
  .refine(({ options, mostChoices }) => mostChoices === null || mostChoices <= options.length, {
    path: ["mostChoices"],
    message: "must not exceed the number of options",
  });
