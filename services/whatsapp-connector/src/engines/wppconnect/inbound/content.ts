import type { ContactCard, Location, MessageContent, MessageKind, Poll } from "@syszap/contracts";
import { parseVcard } from "./vcard.ts";
import type { VendorMessage } from "./vendor.ts";

const maxCards = 100;
const maxOptions = 50;

/** Returns the structured content of a message; undefined for other kinds, and if it can't be read. */
export function contentOf(message: VendorMessage, type: MessageKind): MessageContent | undefined {
  if (type === "location") return withLocation(locationOf(message));
  if (type === "contact") return withCards(cardsOf(message));
  if (type === "poll") return { poll: pollOf(message) };
  if (type === "system") return { call: { isVideo: message.isVideoCall ?? false } };
  return undefined;
}

const withLocation = (location: Location | undefined) => location && { location };
const withCards = (contacts: ContactCard[]) => (contacts.length > 0 ? { contacts } : undefined);

/** The first line of `loc` is the name, the others are the address. */
function locationOf({ lat, lng, loc }: VendorMessage): Location | undefined {
  if (typeof lat !== "number" || typeof lng !== "number") return undefined;
  const [name, ...address] = (loc ?? "").split("\n").map((line) => line.trim());
  return { latitude: lat, longitude: lng, name: name || null, address: address.filter(Boolean).join(", ") || null };
}

/** A single card is in the body, several are in a list. */
function cardsOf({ body, vcardList, vcardFormattedName }: VendorMessage): ContactCard[] {
  const cards = vcardList ?? [{ vcard: body ?? "", displayName: vcardFormattedName }];
  return cards.slice(0, maxCards).flatMap(({ vcard, displayName }) => parseVcard(vcard ?? "", displayName) ?? []);
}

/** In WhatsApp, 0 selectable options means no limit. */
function pollOf({ pollName, pollOptions, pollSelectableOptionsCount }: VendorMessage): Poll {
  const options = (pollOptions ?? []).slice(0, maxOptions).flatMap(({ name }) => name ?? []);
  return { question: pollName ?? "", options, mostChoices: pollSelectableOptionsCount || null };
}
