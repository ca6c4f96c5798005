/** `false_5511…@c.us_3EB0…`: whose, in which chat, and the bare key that stays the same when the chat is migrated. */
export interface ParsedKey {
  fromMe: boolean;
  chat: string;
  waKey: string;
}

export function parseKey(serialized: string): ParsedKey | undefined {
  const [fromMe, chat, waKey] = serialized.split("_");
  if ((fromMe !== "true" && fromMe !== "false") || !chat || !waKey) return undefined;
  return { fromMe: fromMe === "true", chat, waKey };
}
/** Chats with one person; groups, status, channels and WhatsApp's own notices (0@c.us) are not part of the inbox. */
export const isPerson = (wid: string): boolean => /^\d{5,20}(:\d+)?@(c\.us|lid|s\.whatsapp\.net)$/.test(wid);
/** What the pipeline leaves out, and counts: groups, statuses, lists and channels. */
const isLeftOut = (wid: string): boolean => /@(g\.us|broadcast|newsletter)$/.test(wid);
/** All but WhatsApp's own notices. */
export const isTalk = (wid: string): boolean => isPerson(wid) || isLeftOut(wid);
const digitsOf = (wid: string): string => (wid.split("@")[0] ?? "").split(":")[0] ?? "";

/** Says one name for each person, whichever of WhatsApp's it was told. */
export class Addresses {
  private readonly phones = new Map<string, string>();

  constructor(private readonly askPhoneOf: (lid: string) => Promise<string | null>) {}

  /** A chat of ours always goes by the phone number, as long as WhatsApp tells it. Whoever was named by a LID is known by both. */
  async person(wid: string): Promise<{ who: { number: string; lid?: string }; waChatId: string }> {
    if (isLeftOut(wid)) return { who: { number: digitsOf(wid) }, waChatId: wid };
    if (!wid.endsWith("@lid")) {
      const number = digitsOf(wid);
      return { who: { number }, waChatId: `${number}@c.us` };
    }
    const lid = digitsOf(wid);
    const known = this.phones.get(wid) ?? (await this.askPhoneOf(wid).catch(() => null));
    if (known === null || known === undefined) return { who: { number: lid, lid }, waChatId: wid };
    this.phones.set(wid, known);
    return { who: { number: known, lid }, waChatId: `${known}@c.us` };
  }
}
