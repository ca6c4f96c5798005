import type { ContactCard, EventInvitation, Location, Poll } from "@syszap/contracts";
import type { VendorContent } from "../vendor.ts";
import { filled, isoOfSeconds } from "./text.ts";
import { parseVcard } from "./vcard.ts";

const maxCards = 100;
const maxOptions = 50;

/**
 * The first line of `loc` is the name, the others are the address. A live location has its text in `comment`, and its last position in
 * `finalLat` and `finalLng` once sharing has ended.
 */
export function locationOf(message: VendorContent, timestampMs?: number): Location | undefined {
  const { type, loc, comment, isLive, shareDuration } = message;
  const [latitude, longitude] = [message.finalLat ?? message.lat, message.finalLng ?? message.lng];
  if (typeof latitude !== "number" || typeof longitude !== "number") return undefined;
  const [name, ...address] = (loc || comment || "").split("\n").map((line) => line.trim());
  const live = isLive || type === "live_location";
  return {
    latitude,
    longitude,
    name: name || null,
    address: address.filter(Boolean).join(", ") || null,
    ...(live && { isLive: true }),
    ...(live &&
      shareDuration &&
      timestampMs !== undefined && { liveUntil: new Date(timestampMs + shareDuration * 1_000).toISOString() }),
  };
}

/** A single card is in the body, several are in a list. */
export function cardsOf({ body, vcardList, vcardFormattedName }: VendorContent): ContactCard[] {
  const cards = vcardList ?? [{ vcard: body ?? "", displayName: vcardFormattedName }];
  return cards.slice(0, maxCards).flatMap(({ vcard, displayName }) => parseVcard(vcard ?? "", displayName) ?? []);
}

/** In WhatsApp, 0 selectable options means no limit. */
export function pollOf({ pollName, pollOptions, pollSelectableOptionsCount }: VendorContent): Poll {
  const options = (pollOptions ?? []).slice(0, maxOptions).flatMap(({ name }) => name ?? []);
  return { question: pollName ?? "", options, mostChoices: pollSelectableOptionsCount || null };
}

export function eventOf(message: VendorContent): EventInvitation | undefined {
  const name = filled(message.eventName);
  if (name === null) return undefined;
  const { eventLocation: place } = message;
  return {
    name,
    description: filled(message.eventDescription),
    place: typeof place === "string" ? filled(place) : (filled(place?.name) ?? filled(place?.address)),
    startsAt: isoOfSeconds(message.eventStartTime),
    endsAt: isoOfSeconds(message.eventEndTime),
    url: filled(message.eventJoinLink),
    isCanceled: message.isEventCanceled ?? false,
  };
}
