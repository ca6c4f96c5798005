import { direction, previewLength, type QuotedOriginal } from "@syszap/contracts";
import { type Addresses, directionOf, isContact, isGroup, type ParsedKey, parseKey } from "./addresses.ts";
import { readContent } from "./content/content.ts";
import type { People } from "./groups/people.ts";
import type { VendorMessage } from "./vendor.ts";

/**
 * Returns the message that `message` replies to; undefined if it is not a reply. `waChatId` is the resolved id of the message's
 * chat.
 */
export async function quotedOf(
  message: VendorMessage,
  waChatId: string,
  addresses: Addresses,
  people: People,
): Promise<QuotedOriginal | undefined> {
  const known = message.quotedMsgId ? parseKey(message.quotedMsgId) : undefined;
  const stanza = message.quotedStanzaID;
  const waKey = known?.waKey ?? (stanza ? (parseKey(stanza)?.waKey ?? stanza) : undefined);
  if (waKey === undefined) return undefined;
  const { kind, body } = message.quotedMsg ? readContent(message.quotedMsg) : { kind: "text" as const, body: "" };
  const original = { waKey, kind, body: body.slice(0, previewLength) };
  if (isGroup(waChatId)) return { ...original, ...(await writerOf(message, known, addresses, people)) };
  return { ...original, direction: known ? directionOf(known) : await authorOf(message, waChatId, addresses) };
}

/** Who wrote the original in a group. */
async function writerOf(
  { quotedParticipant }: VendorMessage,
  known: ParsedKey | undefined,
  addresses: Addresses,
  people: People,
): Promise<Pick<QuotedOriginal, "direction" | "sender">> {
  const writer = known?.participant ?? quotedParticipant;
  if (!writer || !isContact(writer)) return { direction: known ? directionOf(known) : null };
  if (known?.fromMe || addresses.isOwn(writer)) return { direction: direction.out };
  return { direction: direction.in, sender: await people.named(writer) };
}

/** The author by the id in the quote; null if that names no contact. */
async function authorOf({ quotedParticipant: author }: VendorMessage, waChatId: string, addresses: Addresses) {
  if (!author || !isContact(author)) return null;
  return (await addresses.resolve(author)).waChatId === waChatId ? direction.in : direction.out;
}
