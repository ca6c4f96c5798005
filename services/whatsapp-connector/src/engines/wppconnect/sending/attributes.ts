import type { MessageContext } from "@syszap/contracts";
import type { OutgoingContacts, OutgoingLocation, OutgoingText } from "../../contract/engine.ts";
import { toVcard } from "./vcard.ts";

/** The score from which WhatsApp shows "forwarded many times", and that of a first forward. */
const forwardingScores = { once: 1, often: 5 };

/** WhatsApp's attributes of a message (`MsgModel` of wa-js). */
export function attributesOf(outgoing: OutgoingText | OutgoingLocation | OutgoingContacts): Record<string, unknown> {
  return { ...contentOf(outgoing), ...forwardedAttributes(outgoing.forwarded) };
}

/**
 * WhatsApp's own function for forwarding chooses the key of the new message, so that a retry could not recognise it. A forward is
 * therefore sent as a new message with these attributes.
 */
export const forwardedAttributes = (forwarded: MessageContext["forwarded"]): Record<string, unknown> =>
  forwarded ? { isForwarded: true, forwardingScore: forwardingScores[forwarded] } : {};

function contentOf(outgoing: OutgoingText | OutgoingLocation | OutgoingContacts): Record<string, unknown> {
  switch (outgoing.kind) {
    case "text":
      return { type: "chat", body: outgoing.body };
    case "location": {
      const { latitude: lat, longitude: lng, name, address } = outgoing.place;
      return { type: "location", lat, lng, loc: [name, address].filter(Boolean).join("\n") };
    }
    case "contacts": {
      const cards = outgoing.cards.map((card) => ({ displayName: card.name, vcard: toVcard(card) }));
      const [first] = cards;
      if (cards.length > 1 || !first) return { type: "multi_vcard", vcardList: cards };
      return { type: "vcard", body: first.vcard, vcardFormattedName: first.displayName };
    }
  }
}
