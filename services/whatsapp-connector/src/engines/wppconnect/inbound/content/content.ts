import type { MessageContent, MessageKind } from "@syszap/contracts";
import type { VendorContent } from "../vendor.ts";
import { cardsOf, eventOf, locationOf, pollOf } from "./cards.ts";
import { billOf, orderOf, orderText, paymentOf, paymentText, productOf, productText } from "./commerce.ts";
import { menuOf, parametersOf } from "./menu.ts";
import { filled, linesOf, textBody } from "./text.ts";

/** A message in the product's terms. `body` has the whole content as text. */
export interface ReadContent {
  kind: MessageKind;
  body: string;
  content?: MessageContent;
}

type Reader = (message: VendorContent, timestampMs?: number) => ReadContent;

const file =
  (kind: MessageKind): Reader =>
  ({ caption }) => ({ kind, body: caption ?? "" });

const text = (body: string, content?: MessageContent): ReadContent => ({
  kind: "text",
  body,
  ...(content && { content }),
});

const written: Reader = ({ body }) => text(body ?? "");

const contacts: Reader = (message) => {
  const cards = cardsOf(message);
  if (cards.length === 0) return { kind: "contact", body: message.caption ?? "" };
  return { kind: "contact", body: cards.map(({ name }) => name).join(", "), content: { contacts: cards } };
};

const location: Reader = (message, timestampMs) => {
  const found = locationOf(message, timestampMs);
  const body = message.loc || message.comment || "";
  return { kind: "location", body, ...(found && { content: { location: found } }) };
};

/** A message of which only the text is shown. */
const plain: Reader = (message) => text(anyText(message));

/** What the client chose in a list, or the button that was tapped. */
const choice: Reader = (message) =>
  text(textBody(message.body) ?? filled(message.listResponse?.title) ?? anyText(message));

const bill: Reader = (message) => {
  const found = parametersOf(message)
    .map((parameters) => billOf(parameters, anyText(message)))
    .find(Boolean);
  if (!found) return plain(message);
  const { payment, order } = found;
  return text(linesOf(order && orderText(order), paymentText(order ? { ...payment, total: null } : payment)), found);
};

const event: Reader = (message) => {
  const found = eventOf(message);
  if (!found) return plain(message);
  return text(linesOf(found.name, found.startsAt, found.place, found.description, found.url), { event: found });
};

/** By WhatsApp's name of the type (`MSG_TYPE` of wa-js, and the types that its senders use). */
const readers: Readonly<Record<string, Reader>> = {
  chat: written,
  oversized: written,
  image: file("image"),
  video: file("video"),
  ptv: file("video"),
  audio: file("audio"),
  ptt: file("voice"),
  document: file("document"),
  sticker: file("sticker"),
  location,
  live_location: location,
  vcard: contacts,
  multi_vcard: contacts,
  poll_creation: (message) => ({ kind: "poll", body: message.pollName ?? "", content: { poll: pollOf(message) } }),
  call_log: ({ isVideoCall }) => ({ kind: "system", body: "", content: { call: { isVideo: isVideoCall ?? false } } }),
  list_response: choice,
  buttons_response: choice,
  template_button_reply: choice,
  interactive_response: choice,
  list: (message) =>
    text(linesOf(message.list?.title, message.list?.description, anyText(message), message.list?.footerText)),
  hsm: plain,
  buttons: plain,
  template: plain,
  interactive: bill,
  native_flow: bill,
  order: (message) => {
    const order = orderOf(message);
    return text(orderText(order), { order });
  },
  product: (message) => {
    const product = productOf(message);
    return text(productText(product), { product });
  },
  payment: (message) => {
    const payment = paymentOf(message);
    return text(paymentText(payment), { payment });
  },
  event_creation: event,
  groups_v4_invite: (message) => text(linesOf(message.inviteGrpName, anyText(message))),
};

/**
 * Reads a message of any type. Of a type that is not known, the text is taken from wherever a text is. `timestampMs`: the time of the
 * message, if its content may depend on it.
 */
export function readContent(message: VendorContent, timestampMs?: number): ReadContent {
  const read = readers[message.type]?.(message, timestampMs) ?? { kind: "unknown" as const, body: anyText(message) };
  const menu = menuOf(message);
  if (!menu) return read;
  const isText = message.type === "chat" || message.type === "list";
  const body = isText ? linesOf(message.title, read.body, message.footer) : read.body;
  return { ...read, body, content: { ...read.content, menu } };
}

/** Every text that WhatsApp's types have in common. */
function anyText(message: VendorContent): string {
  const { interactiveHeader: header, interactiveMessage: interactive } = message;
  return linesOf(
    filled(header?.title) ?? filled(interactive?.header?.title) ?? filled(message.title),
    textBody(message.caption) ?? textBody(message.body) ?? filled(interactive?.body?.text) ?? filled(message.text),
    filled(message.description),
    filled(interactive?.footer?.text) ?? filled(message.footer),
  );
}
