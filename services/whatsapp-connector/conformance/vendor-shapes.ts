import type { ContactCard, MessageContent } from "@syszap/contracts";
import type { FileKind } from "./whatsapp-side.ts";

/** WhatsApp's own names of kinds. */
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

interface VendorTelling {
  type: string;
  body: string;
  attributes: Record<string, unknown>;
}

/** The attributes of WhatsApp's own model of such a message. */
export function asVendorTells({ location, contacts, poll, call }: MessageContent): VendorTelling {
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
  if (!first) throw new Error("nothing to tell");
  if (others.length === 0)
    return { type: "vcard", body: vcardOf(first), attributes: { vcardFormattedName: first.name } };
  const vcardList = [first, ...others].map((card) => ({ displayName: card.name, vcard: vcardOf(card) }));
  return { type: "multi_vcard", body: "", attributes: { vcardList } };
}

/** As a phone writes it, folded line and all. */
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
