import type { ContactCard, Location, MessageContent, MessageKind, Poll } from "@syszap/contracts";
import { parseVcard } from "./vcard.ts";
import type { VendorMessage } from "./vendor.ts";

const mostCards = 100;
const mostOptions = 50;

/** What a message says in fields; undefined for other kinds, and where what WhatsApp told can't be read. */
export function contentOf(message: VendorMessage, type: MessageKind): MessageContent | undefined {
  if (type === "location") return located(placeOf(message));
  if (type === "contact") return withCards(cardsOf(message));
  if (type === "poll") return { poll: pollOf(message) };
  if (type === "system") return { call: { isVideo: message.isVideoCall ?? false } };
  return undefined;
}

const located = (location: Location | undefined) => location && { location };
const withCards = (contacts: ContactCard[]) => (contacts.length > 0 ? { contacts } : undefined);

/** `loc` is a name, and an address under it. */
function placeOf({ lat, lng, loc }: VendorMessage): Location | undefined {
  if (typeof lat !== "number" || typeof lng !== "number") return undefined;
  const [name, ...address] = (loc ?? "").split("\n").map((line) => line.trim());
  return { latitude: lat, longitude: lng, name: name || null, address: address.filter(Boolean).join(", ") || null };
}

/** One card is the body, several stand in a list. */
function cardsOf({ body, vcardList, vcardFormattedName }: VendorMessage): ContactCard[] {
  const told = vcardList ?? [{ vcard: body ?? "", displayName: vcardFormattedName }];
  return told.slice(0, mostCards).flatMap(({ vcard, displayName }) => parseVcard(vcard ?? "", displayName) ?? []);
}

/** WhatsApp counts 0 for as many as one likes. */
function pollOf({ pollName, pollOptions, pollSelectableOptionsCount }: VendorMessage): Poll {
  const options = (pollOptions ?? []).slice(0, mostOptions).flatMap(({ name }) => name ?? []);
  return { question: pollName ?? "", options, mostChoices: pollSelectableOptionsCount || null };
}
