import type { ContactCard, MessageContent } from "@syszap/contracts";
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

/** Returns the attributes of WhatsApp's model of a message with this content. */
export function toVendorContent({ location, contacts, poll, call }: MessageContent): VendorContent {
  const thumbnail = "/9j/4AAQSkZJRgABAQ"; // of the map
  if (location) {
    const { latitude: lat, longitude: lng, name, address } = location;
    return { type: "location", body: thumbnail, attributes: { lat, lng, loc: [name, address].join("\n") } };
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
