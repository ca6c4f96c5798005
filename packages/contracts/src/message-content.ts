import { z } from "zod";
import { maxGroupParticipants, maxContentTextLength as maxText, noteEvents } from "./constants/index.ts";
import { ChatSide, Timestamp, WhatsAppNumber } from "./vocabulary.ts";

const text = z.string().max(maxText);
const optionalText = text.nullable();

/** A position on the map, with name and address if the sender gave them. */
export const Location = z.object({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  name: optionalText,
  address: optionalText,
  isLive: z.boolean().optional().describe("true: the sender shares the position for a while; this is the last one"),
  updatedAt: Timestamp.optional().describe("of a live location: when the position was last reported"),
  liveUntil: Timestamp.optional().describe("of a live location: when sharing it ends or ended"),
});
export type Location = z.infer<typeof Location>;

/** A contact card that a message carries. */
export const ContactCard = z.object({
  name: text,
  organisation: optionalText,
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

/** A participant of a group. WhatsApp's internal ids are never shown. */
export const Participant = z.object({
  name: z.string().max(500).nullable().describe("null: not known"),
  number: WhatsAppNumber.nullable().describe("null: WhatsApp has not reported the number"),
});
export type Participant = z.infer<typeof Participant>;

/** The current vote of one side of the chat, or of a participant of a group. */
export const PollVote = z.object({
  from: ChatSide,
  sender: Participant.optional().describe("in a group: the participant who voted"),
  options: z.array(text).max(50).describe("empty: the vote was withdrawn"),
  at: Timestamp,
});
export type PollVote = z.infer<typeof PollVote>;

export const Poll = z.object({
  question: text,
  options: z.array(text).max(50),
  mostChoices: z.number().int().min(1).nullable().describe("null: no limit"),
  votes: z
    .array(PollVote)
    .max(maxGroupParticipants)
    .optional()
    .describe("one for each side that voted; in a group, one for each participant"),
});
export type Poll = z.infer<typeof Poll>;

/** An amount in units of the currency, such as 45.9 for R$ 45,90. */
export const Money = z.object({
  amount: z.number(),
  currency: z.string().regex(/^[A-Z]{3}$/, "ISO 4217, such as BRL"),
});
export type Money = z.infer<typeof Money>;

/** An order of a shopping cart, or a bill with its items. */
export const Order = z.object({
  title: optionalText,
  items: z
    .array(z.object({ name: text, quantity: z.number().min(0), price: Money.nullable().describe("of one item") }))
    .max(100)
    .describe("empty if WhatsApp reports their number only"),
  itemCount: z.number().int().min(0).nullable(),
  total: Money.nullable(),
  note: optionalText,
});
export type Order = z.infer<typeof Order>;

/** A product, or a whole catalog, of a business. */
export const Product = z.object({
  title: text,
  description: optionalText,
  price: Money.nullable(),
  code: optionalText.describe("the seller's own number of the product"),
  url: optionalText,
});
export type Product = z.infer<typeof Product>;

/** A payment, a request for one, or the data for one. */
export const Payment = z.object({
  total: Money.nullable(),
  payee: optionalText,
  pixKey: optionalText,
  pixKeyType: optionalText.describe("WhatsApp's name, such as CPF, CNPJ, PHONE, EMAIL, EVP"),
  pixCode: optionalText.describe("the text that a bank app accepts instead of a QR code"),
  status: optionalText.describe("WhatsApp's name of the state"),
  note: optionalText,
});
export type Payment = z.infer<typeof Payment>;

/** The choices below the body: buttons, or the rows of a list. Only the client's phone can choose. */
export const Menu = z.object({
  options: z.array(z.object({ text, description: optionalText, url: optionalText })).max(50),
});
export type Menu = z.infer<typeof Menu>;

/** An invitation to an event. */
export const EventInvitation = z.object({
  name: text,
  description: optionalText,
  place: optionalText,
  startsAt: Timestamp.nullable(),
  endsAt: Timestamp.nullable(),
  url: optionalText.describe("link of the call"),
  isCanceled: z.boolean(),
});
export type EventInvitation = z.infer<typeof EventInvitation>;

/** An incoming call to the phone. WhatsApp does not report whether it was answered. */
export const PhoneCall = z.object({ isVideo: z.boolean() });
export type PhoneCall = z.infer<typeof PhoneCall>;

/** A report of WhatsApp about the chat, such as a new participant. A note is never unread and does not raise its chat. */
export const Note = z.object({
  event: z.enum(noteEvents),
  actor: Participant.nullable().optional().describe("who did it; null: the session's own number"),
  targets: z.array(Participant).max(maxGroupParticipants).optional().describe("whom it concerns"),
  text: text.optional().describe("such as the new subject, or the new number"),
});
export type Note = z.infer<typeof Note>;

/**
 * Structured content of a message, by kind. `body` always has the same content as text, for previews, searches and readers that
 * do not know the kind; a newer server may add kinds.
 */
export const MessageContent = z.object({
  location: Location.optional(),
  contacts: z.array(ContactCard).max(100).optional(),
  poll: Poll.optional(),
  call: PhoneCall.optional().describe("of a system message"),
  note: Note.optional().describe("of a system message"),
  order: Order.optional(),
  product: Product.optional(),
  payment: Payment.optional(),
  menu: Menu.optional(),
  event: EventInvitation.optional(),
});
export type MessageContent = z.infer<typeof MessageContent>;

/** The ad that the client tapped before writing. */
export const Ad = z.object({ title: optionalText, description: optionalText, url: optionalText });
export type Ad = z.infer<typeof Ad>;

/** The people whom a text mentions. */
export const Mentions = z
  .array(z.object({ text: text.describe("as in the body, without @"), number: WhatsAppNumber.nullable() }))
  .max(100);

/** What surrounds the content of a message, whatever its kind. */
export const MessageContext = z.object({
  forwarded: z.enum(["once", "often"]).optional().describe("often: WhatsApp marks it as forwarded many times"),
  ad: Ad.optional(),
  isViewOnce: z.boolean().optional().describe("true: the content may be viewed once, on the phone; it is not stored"),
  expiresAt: Timestamp.optional().describe("a disappearing message: its content is erased at this time"),
  mentions: Mentions.optional(),
});
export type MessageContext = z.infer<typeof MessageContext>;
