import type { Ad, MessageContext } from "@syszap/contracts";
import type { Addresses } from "./addresses.ts";
import { filled } from "./content/text.ts";
import type { VendorMessage } from "./vendor.ts";

/** WhatsApp shows "forwarded many times" after a chain of five forwards. */
const oftenForwardedScore = 5;
const maxMentions = 20;

/** Returns what surrounds the content of a message; undefined if nothing does. */
export async function contextOf(
  message: VendorMessage,
  addresses: Addresses,
  timestampMs: number,
): Promise<MessageContext | undefined> {
  const ad = adOf(message);
  const mentions = await mentionsOf(message, addresses);
  const context: MessageContext = {
    ...forwardedOf(message),
    ...(ad && { ad }),
    ...(message.isViewOnce && { isViewOnce: true }),
    ...(message.ephemeralDuration && {
      expiresAt: new Date(timestampMs + message.ephemeralDuration * 1_000).toISOString(),
    }),
    ...(mentions.length > 0 && { mentions }),
  };
  return Object.keys(context).length > 0 ? context : undefined;
}

export function forwardedOf(
  message: Pick<VendorMessage, "isFrequentlyForwarded" | "forwardingScore" | "isForwarded">,
): Pick<MessageContext, "forwarded"> {
  const isOften = message.isFrequentlyForwarded || (message.forwardingScore ?? 0) >= oftenForwardedScore;
  if (isOften) return { forwarded: "often" };
  return message.isForwarded ? { forwarded: "once" } : {};
}

/** The ad that began the chat ("click to WhatsApp"). */
function adOf({ ctwaContext }: VendorMessage): Ad | undefined {
  const title = filled(ctwaContext?.title);
  const description = filled(ctwaContext?.description);
  const url = filled(ctwaContext?.sourceUrl);
  return title === null && description === null && url === null ? undefined : { title, description, url };
}

/** WhatsApp's flag of a message that mentions everyone in a group (`WAWebNonJidMentionType` of wa-js). */
const mentionsAll = 1;

/** Whether a message mentions the linked phone, by number or LID, or everyone in the group. */
export const mentionsUs = ({ mentionedJidList, nonJidMentions }: VendorMessage, addresses: Addresses): boolean =>
  ((nonJidMentions ?? 0) & mentionsAll) !== 0 || (mentionedJidList ?? []).some((wid) => addresses.isOwn(wid));

/** The body names a mentioned person by the digits of its id, which may be a LID. */
async function mentionsOf({ mentionedJidList, body, caption }: VendorMessage, addresses: Addresses) {
  const text = `${body ?? ""} ${caption ?? ""}`;
  const mentions: NonNullable<MessageContext["mentions"]> = [];
  for (const wid of mentionedJidList?.slice(0, maxMentions) ?? []) {
    const digits = /^(\d{5,20})@(c\.us|lid|s\.whatsapp\.net)$/.exec(wid)?.[1];
    if (digits === undefined || !text.includes(`@${digits}`)) continue;
    const { number, lid } = (await addresses.resolve(wid)).address;
    mentions.push({ text: digits, number: number === lid ? null : number });
  }
  return mentions;
}
