import { z } from "zod";
import { WhatsAppNumber } from "./vocabulary.ts";

/** Where somebody is, or a place that they named. */
export const Place = z.object({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  name: z.string().max(500).nullable(),
  address: z.string().max(1_000).nullable(),
});
export type Place = z.infer<typeof Place>;

/** A person or shop as somebody's address book has it. */
export const ContactCard = z.object({
  name: z.string().max(500),
  organisation: z.string().max(500).nullable(),
  numbers: z
    .array(
      z.object({
        text: z.string().max(100).describe("as it is written on the card"),
        whatsAppNumber: WhatsAppNumber.nullable().describe("null where WhatsApp does not know the number"),
      }),
    )
    .max(20),
});
export type ContactCard = z.infer<typeof ContactCard>;

export const Poll = z.object({
  question: z.string().max(2_000),
  options: z.array(z.string().max(500)).max(50),
  mostChoices: z.number().int().min(1).nullable().describe("null: as many as one likes"),
});
export type Poll = z.infer<typeof Poll>;

/** Somebody called the phone; whether it was answered there, WhatsApp does not tell. */
export const PhoneCall = z.object({ isVideo: z.boolean() });
export type PhoneCall = z.infer<typeof PhoneCall>;

/** What a message says in fields rather than in text. `Type` tells which one to expect; a newer server may add others. */
export const MessageContent = z.object({
  location: Place.optional(),
  contacts: z.array(ContactCard).max(100).optional(),
  poll: Poll.optional(),
  call: PhoneCall.optional().describe("of a system note"),
});
export type MessageContent = z.infer<typeof MessageContent>;
