import type { ContactCard, MessageContent, MessageContext, Money } from "@syszap/contracts";
import type { FileKind } from "./whatsapp-side.ts";

/** WhatsApp's type of each kind of file. */
export const vendorTypes: Readonly<Record<FileKind, string>> = {
  image: "image",
  video: "video",
  audio: "audio",
  voice: "ptt",
  document: "document",
  sticker: "sticker",
};

export const mimeTypes: Readonly<Record<FileKind, string>> = {
  image: "image/jpeg",
  video: "video/mp4",
  audio: "audio/mpeg",
  voice: "audio/ogg; codecs=opus",
  document: "application/pdf",
  sticker: "image/webp",
};

interface VendorContent {
  type: string;
  body: string;
  attributes: Record<string, unknown>;
}

const thumbnail = "/9j/4AAQSkZJRgABAQ";
const thousandths = (money: Money | null) => money && money.amount * 1_000;
const seconds = (time: string | null) => time && Date.parse(time) / 1_000;

/** Returns the attributes of WhatsApp's model of a message with this content. The names are those of wa-js (`MsgModel`). */
export function toVendorContent(content: MessageContent, body: string): VendorContent {
  const { location, contacts, poll, call, order, product, payment, menu, event } = content;
  if (location) {
    const { latitude: lat, longitude: lng, name, address, isLive } = location;
    const attributes = { lat, lng, loc: [name, address].join("\n"), ...(isLive && { isLive }) };
    return { type: "location", body: thumbnail, attributes };
  }
  if (payment) return { type: "interactive", body: "", attributes: billAttributes(content) };
  if (order) {
    const { title: orderTitle, itemCount, total, note: message } = order;
    const totals = { totalAmount1000: thousandths(total), totalCurrencyCode: total?.currency };
    return { type: "order", body: thumbnail, attributes: { orderTitle, itemCount, message, ...totals } };
  }
  if (product) {
    const { title, description, price, code: retailerId, url } = product;
    const prices = { priceAmount1000: thousandths(price), currencyCode: price?.currency };
    return { type: "product", body: thumbnail, attributes: { title, description, retailerId, url, ...prices } };
  }
  if (event) {
    const { name, description, place, startsAt, endsAt, url, isCanceled } = event;
    const times = { eventStartTime: seconds(startsAt), eventEndTime: seconds(endsAt) };
    const about = { eventName: name, eventDescription: description, eventJoinLink: url, isEventCanceled: isCanceled };
    return { type: "event_creation", body: "", attributes: { ...about, ...times, eventLocation: { name: place } } };
  }
  if (menu) {
    const rows = menu.options.map(({ text, description }, rowId) => ({
      title: text,
      description,
      rowId: String(rowId),
    }));
    const list = { description: body, buttonText: "Ver", sections: [{ title: "", rows }], listType: 1 };
    return { type: "list", body: "", attributes: { list } };
  }
  if (poll) {
    const pollOptions = poll.options.map((name, localId) => ({ name, localId }));
    const attributes = { pollName: poll.question, pollOptions, pollSelectableOptionsCount: poll.mostChoices ?? 0 };
    return { type: "poll_creation", body: "", attributes };
  }
  if (call) return { type: "call_log", body: "", attributes: { isVideoCall: call.isVideo } };
  const [first, ...others] = contacts ?? [];
  if (!first) throw new Error("the content is empty");
  if (others.length === 0)
    return { type: "vcard", body: vcardOf(first), attributes: { vcardFormattedName: first.name } };
  const vcardList = [first, ...others].map((card) => ({ displayName: card.name, vcard: vcardOf(card) }));
  return { type: "multi_vcard", body: "", attributes: { vcardList } };
}

/** As wa-js sends it (`sendChargeMessage`). */
function billAttributes({ payment, order }: MessageContent): Record<string, unknown> {
  const offset = 100;
  const amountOf = (money: Money | null | undefined) => money && { value: Math.round(money.amount * offset), offset };
  const parameters = {
    currency: payment?.total?.currency,
    total_amount: amountOf(payment?.total),
    additional_note: payment?.note,
    order: {
      status: payment?.status,
      items: (order?.items ?? []).map(({ name, quantity, price }) => ({ name, quantity, amount: amountOf(price) })),
    },
    payment_settings: [
      {
        type: "pix_dynamic_code",
        pix_dynamic_code: {
          code: payment?.pixCode,
          key: payment?.pixKey,
          key_type: payment?.pixKeyType,
          merchant_name: payment?.payee,
        },
      },
    ],
  };
  const buttons = [{ name: "review_and_pay", buttonParamsJson: JSON.stringify(parameters) }];
  return { nativeFlowName: "order_details", interactiveType: "native_flow", interactivePayload: { buttons } };
}

/** Returns the attributes of a message with this context, and with a quote. */
export const toVendorContext = (context: MessageContext = {}, quoted?: string): Record<string, unknown> => ({
  ...(context.forwarded && { isForwarded: true, forwardingScore: context.forwarded === "often" ? 127 : 1 }),
  ...(context.ad && {
    ctwaContext: { title: context.ad.title, description: context.ad.description, sourceUrl: context.ad.url },
  }),
  ...(context.expiresAt && {
    ephemeralDuration: Math.round((Date.parse(context.expiresAt) - Date.now()) / 1_000),
  }),
  ...(context.mentions && { mentionedJidList: context.mentions.map(({ text }) => `${text}@c.us`) }),
  ...(quoted !== undefined && { quotedStanzaID: quoted }),
});

/** Returns a vCard as phones write it, including a folded line. */
const vcardOf = ({ name, organisation, numbers }: ContactCard): string =>
  [
    "BEGIN:VCARD",
    "VERSION:3.0",
    `N:;${name};;;`,
    `FN:${name.slice(0, 2)}\r\n ${name.slice(2)}`,
    ...(organisation === null ? [] : [`ORG:${organisation};`]),
    ...numbers.map(({ text, whatsAppNumber }, at) =>
      whatsAppNumber ? `item${at}.TEL;type=CELL;waid=${whatsAppNumber}:${text}` : `TEL;type=WORK:${text}`,
    ),
    "END:VCARD",
  ].join("\r\n");
