import { direction } from "@syszap/contracts";
import type { ContactAddress } from "../../contract/engine.ts";

/** Parts of a serialized message id such as `false_5511…@c.us_3EB0…`. `waKey` stays the same when a chat is migrated. */
export interface ParsedKey {
  fromMe: boolean;
  chat: string;
  waKey: string;
  /** In a group: the id of the person who wrote the message. */
  participant?: string;
}

/** Keys of notifications contain their subtype, which may have underscores. Keys of one's own chat end with the direction. */
export function parseKey(serialized: string): ParsedKey | undefined {
  const [fromMe, chat, ...parts] = serialized.split("_");
  const last = parts.length > 1 ? parts.at(-1) : undefined;
  const participant = last?.includes("@") ? last : undefined;
  const waKey = (participant || last === "in" || last === "out" ? parts.slice(0, -1) : parts).join("_");
  if ((fromMe !== "true" && fromMe !== "false") || !chat || !waKey) return undefined;
  return { fromMe: fromMe === "true", chat, waKey, ...(participant && { participant }) };
}

export const directionOf = ({ fromMe }: ParsedKey) => (fromMe ? direction.out : direction.in);

/** Whether the id is a contact's. Groups, statuses, channels and WhatsApp's own notices (0@c.us) are not. */
export const isContact = (wid: string): boolean => /^\d{5,20}(:\d+)?@(c\.us|lid|s\.whatsapp\.net)$/.test(wid);
export const isGroup = (wid: string): boolean => /^[\d-]{5,40}@g\.us$/.test(wid);
/** Chats that the inbox may hold. */
export const isInboxChat = (wid: string): boolean => isContact(wid) || isGroup(wid);
/** Whether the id is that of a chat without a contact: a group, a status, a broadcast list or a channel. */
const hasNoContact = (wid: string): boolean => /@(g\.us|broadcast|newsletter)$/.test(wid);
/** Everything but WhatsApp's own notices. The pipeline excludes and counts statuses, broadcast lists and channels. */
export const isChat = (wid: string): boolean => isContact(wid) || hasNoContact(wid);
const digitsOf = (wid: string): string => (wid.split("@")[0] ?? "").split(":")[0] ?? "";

const maxCachedNumbers = 10_000;
/** The messages of one read chat are resolved with one look-up, also when WhatsApp does not know the number. */
const unknownForMs = 5_000;

export interface ResolvedAddress {
  address: ContactAddress;
  waChatId: string;
}

/** Resolves WhatsApp's different ids of a contact to one chat id. Caches the phone numbers of the last used LIDs. */
export class Addresses {
  /** Of the linked phone. */
  own: { lid: string; number: string } | undefined;
  private readonly numbers = new Map<string, string>();
  /** When the look-up of a number failed last, by LID. */
  private readonly unknown = new Map<string, number>();

  constructor(
    /** Resolves with null if WhatsApp does not know the number. */
    private readonly lookUpNumber: (lid: string) => Promise<string | null>,
    private readonly limit = maxCachedNumbers,
  ) {}

  /** A chat is identified by the phone number whenever it is known. A contact with a LID keeps both. */
  async resolve(wid: string): Promise<ResolvedAddress> {
    const digits = digitsOf(wid);
    if (hasNoContact(wid)) return { address: { number: digits }, waChatId: wid };
    if (!wid.endsWith("@lid")) return { address: { number: digits }, waChatId: `${digits}@c.us` };
    const number = await this.numberOf(wid);
    if (number === null) return { address: { number: digits, lid: digits }, waChatId: wid };
    return { address: { number, lid: digits }, waChatId: `${number}@c.us` };
  }

  /** The address of an id whose phone number was looked up before; null: it is not known. */
  addressOf(wid: string, number: string | null): ContactAddress {
    const digits = digitsOf(wid);
    if (!wid.endsWith("@lid")) return { number: digits };
    return { number: (this.own?.lid === digits ? this.own.number : number) ?? digits, lid: digits };
  }

  /** Whether the id is one of the linked phone. */
  isOwn(wid: string): boolean {
    if (!this.own || !isContact(wid)) return false;
    return digitsOf(wid) === (wid.endsWith("@lid") ? this.own.lid : this.own.number);
  }

  private async lookUp(wid: string): Promise<string | null> {
    if (performance.now() - (this.unknown.get(wid) ?? Number.NEGATIVE_INFINITY) < unknownForMs) return null;
    const number = await this.lookUpNumber(wid).catch(() => null);
    this.unknown.delete(wid);
    if (number !== null) return number;
    if (this.unknown.size >= this.limit) this.unknown.clear();
    this.unknown.set(wid, performance.now());
    return null;
  }

  private async numberOf(wid: string): Promise<string | null> {
    if (this.own?.lid === digitsOf(wid)) return this.own.number;
    const number = this.numbers.get(wid) ?? (await this.lookUp(wid));
    if (number === null) return null;
    this.numbers.delete(wid); // so that it becomes the newest entry
    this.numbers.set(wid, number);
    const [oldest] = this.numbers.keys();
    if (this.numbers.size > this.limit && oldest !== undefined) this.numbers.delete(oldest);
    return number;
  }
}
