import { canonicalNumber } from "@syszap/platform";
import { v7 } from "uuid";
import type { Merge } from "./merge-clients.ts";

/** The ids by which WhatsApp names a contact. While the number of a LID is unknown, `number` repeats the LID. */
export interface ContactIds {
  number: string;
  lid?: string | undefined;
  /** WhatsApp's user name, without @. It may pass to another person, so it decides nothing. */
  username?: string | undefined;
  /** When WhatsApp named the contact so. Absent: now. */
  contactAt?: Date | undefined;
}
export interface Identity {
  kind: "phone" | "lid";
  value: string;
}
/** The client that an identity leads to, and which other identities that client has. */
export interface Holder {
  clientId: string;
  hasPhone: boolean;
  lids: readonly string[];
  /** Clients from which this one was split by hand. */
  apart: readonly string[];
}
/** An identity as it is stored. `seenAt` is exact to a day; `lid`: with which the number was named last. */
export interface KnownIdentity {
  holder: Holder;
  seenAt: Date | null;
  lid: string | null;
}
/** An identity or user name by which a client was named. */
export interface Evidence {
  clientId: string;
  kind: Identity["kind"] | "username";
  value: string;
  reported: string;
  at: Date;
}
export interface Plan {
  clients: { id: string; number: string }[];
  /** Identities that are new, belong to another client now, or were not seen for a day. */
  identities: (Identity & { clientId: string; lid: string | null; seenAt: Date })[];
  evidence: Evidence[];
  /** Clients whose number belongs to another client now. */
  lost: { clientId: string; number: string }[];
  merges: Merge[];
}

/** Evidence is stored once within this time. */
const refreshMs = 86_400_000;

const isNumberKnown = ({ number, lid }: ContactIds): boolean => number !== lid;

export const keyOf = ({ kind, value }: Identity): string => `${kind}:${value}`;

/** Includes the number as WhatsApp reported it: rows from before canonical numbers were introduced have that form. */
export function identitiesOf(contact: ContactIds): Identity[] {
  const phones = isNumberKnown(contact) ? new Set([canonicalNumber(contact.number), contact.number]) : [];
  const identities: Identity[] = [...phones].map((value) => ({ kind: "phone", value }));
  return contact.lid === undefined ? identities : [...identities, { kind: "lid", value: contact.lid }];
}

/** The identity in WhatsApp's id of a chat with one person. */
export function identityOfChat(waChatId: string): Identity {
  const [digits = "", server] = waChatId.split("@");
  return server === "lid" ? { kind: "lid", value: digits } : { kind: "phone", value: canonicalNumber(digits) };
}

/** The identity by which WhatsApp named the contact of a message: the LID decides who it is. */
export const addressOf = ({ number, lid }: ContactIds): string =>
  keyOf(lid === undefined ? { kind: "phone", value: canonicalNumber(number) } : { kind: "lid", value: lid });

/**
 * Decides which client each contact is. A LID is one account, and so one person; a phone number may change its owner. So a number
 * that is reported with another LID than before moves to the client of that LID, and no two clients are merged that may be two
 * persons: only one without a LID and one without a number, named together, are the same.
 */
export function planFor(
  contacts: readonly ContactIds[],
  known: ReadonlyMap<string, KnownIdentity>,
): { plan: Plan; ids: string[] } {
  const holders = new Map([...known].map(([key, { holder }]) => [key, holder]));
  const plan: Plan = { clients: [], identities: [], evidence: [], lost: [], merges: [] };
  const ids = contacts.map((contact) => {
    const identities = identitiesOf(contact);
    const byLid = contact.lid === undefined ? undefined : holders.get(keyOf({ kind: "lid", value: contact.lid }));
    const phones = identities.filter(({ kind }) => kind === "phone");
    const byPhone = phones.map((each) => holders.get(keyOf(each))).find((holder) => holder !== undefined);
    const isSame = byPhone !== undefined && isSamePerson(byPhone, byLid, contact.lid);
    // A program may name a LID where a number is expected.
    const misnamed = contact.lid === undefined ? holders.get(keyOf({ kind: "lid", value: contact.number })) : undefined;
    const found = (isSame ? byPhone : byLid) ?? (byPhone ? undefined : misnamed);
    if (found && found === misnamed) return found.clientId;
    const clientId = found?.clientId ?? v7();
    if (!found) plan.clients.push({ id: clientId, number: isNumberKnown(contact) ? contact.number : "" });
    const lids = new Set([...(found?.lids ?? []), ...(contact.lid === undefined ? [] : [contact.lid])]);
    const apart = [...(found?.apart ?? []), ...(isSame ? (byLid?.apart ?? []) : [])];
    const holder: Holder = {
      clientId,
      hasPhone: phones.length > 0 || (found?.hasPhone ?? false),
      lids: [...lids],
      apart,
    };
    if (isSame && byLid && byLid.clientId !== clientId) {
      plan.merges.push({ kept: clientId, gone: byLid.clientId });
      for (const [name, other] of holders) if (other.clientId === byLid.clientId) holders.set(name, holder);
    }
    for (const identity of identities) {
      const before = holders.get(keyOf(identity));
      addEvidence(plan, { contact, identity, clientId }, before, known.get(keyOf(identity)));
      holders.set(keyOf(identity), holder);
    }
    for (const [name, other] of holders) if (other.clientId === clientId) holders.set(name, holder);
    return clientId;
  });
  const lost = plan.lost.filter(
    ({ clientId, number }) => holders.get(keyOf({ kind: "phone", value: number }))?.clientId !== clientId,
  );
  return { plan: { ...plan, lost }, ids };
}

interface Naming {
  contact: ContactIds;
  identity: Identity;
  clientId: string;
}

function addEvidence(
  plan: Plan,
  { contact, identity, clientId }: Naming,
  before: Holder | undefined,
  stored: KnownIdentity | undefined,
): void {
  const seenAt = contact.contactAt ?? new Date();
  const isPhone = identity.kind === "phone";
  const lid = isPhone ? (contact.lid ?? null) : null;
  const isOwn = before?.clientId === clientId;
  const isFresh = (stored?.seenAt?.getTime() ?? Number.NEGATIVE_INFINITY) > seenAt.getTime() - refreshMs;
  if (isOwn && isFresh && (lid === null || stored?.lid === lid)) return;
  plan.identities.push({ ...identity, clientId, lid, seenAt });
  if (isPhone && before && !isOwn) plan.lost.push({ clientId: before.clientId, number: identity.value });
  if (isPhone && identity.value !== canonicalNumber(identity.value)) return;
  plan.evidence.push({ ...identity, clientId, reported: isPhone ? contact.number : identity.value, at: seenAt });
}

function isSamePerson(byPhone: Holder, byLid: Holder | undefined, lid: string | undefined): boolean {
  if (lid === undefined || byPhone.clientId === byLid?.clientId) return true;
  if (byLid && byPhone.apart.includes(byLid.clientId)) return false;
  return byPhone.lids.length === 0 && (byLid === undefined || !byLid.hasPhone);
}

export const isEmpty = ({ identities, merges }: Plan): boolean => identities.length === 0 && merges.length === 0;
