import { z } from "zod";
import { WhatsAppNumber } from "./vocabulary.ts";

/** A position on the map, with name and address if the sender gave them. */
export const Location = z.object({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  name: z.string().max(500).nullable(),
  address: z.string().max(1_000).nullable(),
});
export type Location = z.infer<typeof Location>;

/** A contact card that a message carries. */
export const ContactCard = z.object({
  name: z.string().max(500),
  organisation: z.string().max(500).nullable(),
  numbers: z
    .array(
      z.object({
        text: z.string().max(100).describe("as written on the card"),
        whatsAppNumber: WhatsAppNumber.nullable().describe("null if the number has no WhatsApp account"),
      }),
    )
    .max(20),
});
export type ContactCard = z.infer<typeof ContactCard>;

export const Poll = z.object({
  question: z.string().max(2_000),
  options: z.array(z.string().max(500)).max(50),
  mostChoices: z.number().int().min(1).nullable().describe("null: no limit"),
});
export type Poll = z.infer<typeof Poll>;

/** An incoming call to the phone. WhatsApp does not report whether it was answered. */
export const PhoneCall = z.object({ isVideo: z.boolean() });
export type PhoneCall = z.infer<typeof PhoneCall>;

/** Structured content of a message. Which field is set depends on the message type; a newer server may add fields. */
export const MessageContent = z.object({
  location: Location.optional(),
  contacts: z.array(ContactCard).max(100).optional(),
  poll: Poll.optional(),
  call: PhoneCall.optional().describe("of a system message"),
});
export type MessageContent = z.infer<typeof MessageContent>;
