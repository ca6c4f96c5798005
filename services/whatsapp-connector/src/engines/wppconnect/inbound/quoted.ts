import { direction, previewLength, type QuotedOriginal } from "@syszap/contracts";
import { type Addresses, isContact, parseKey } from "./addresses.ts";
import { readContent } from "./content/content.ts";
import type { VendorMessage } from "./vendor.ts";

/** Returns the message that `message` replies to; undefined if it is not a reply. `chat` is the id of the message's chat. */
export async function quotedOf(
  message: VendorMessage,
  chat: string,
  addresses: Addresses,
): Promise<QuotedOriginal | undefined> {
  const known = message.quotedMsgId ? parseKey(message.quotedMsgId) : undefined;
  const stanza = message.quotedStanzaID;
  const waKey = known?.waKey ?? (stanza ? (parseKey(stanza)?.waKey ?? stanza) : undefined);
  if (waKey === undefined) return undefined;
  const { kind, body } = message.quotedMsg ? readContent(message.quotedMsg) : { kind: "text" as const, body: "" };
  return { waKey, direction: await authorOf(), kind, body: body.slice(0, previewLength) };

  async function authorOf() {
    if (known) return known.fromMe ? direction.out : direction.in;
    const { quotedParticipant: author } = message;
    if (!author || !isContact(author)) return null;
    const [one, other] = [await addresses.resolve(author), await addresses.resolve(chat)];
    return one.waChatId === other.waChatId ? direction.in : direction.out;
  }
}
