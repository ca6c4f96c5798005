import type { NamedContact, Participant } from "@syszap/contracts";
import { canonicalNumber } from "@syszap/platform";
import { nameOf } from "./client-name.ts";

/** A participant of a group as stored. Users never see the LID: `toParticipant` omits it. */
export interface StoredParticipant {
  /** Repeats the LID while the number is not known. */
  number: string;
  lid?: string | undefined;
  name: string | null;
}

export const storedParticipant = ({ number, lid, name }: NamedContact): StoredParticipant => ({
  number,
  ...(lid !== undefined && { lid }),
  name: nameOf(name, lid === undefined ? [] : [lid]),
});

export const toParticipant = ({ number, lid, name }: StoredParticipant): Participant => ({
  name,
  number: number === lid ? null : number,
});

/** Empty for a message that no participant of a group wrote. */
export const senderOf = (sender: StoredParticipant | null | undefined): { sender?: Participant } =>
  sender ? { sender: toParticipant(sender) } : {};

/** Whether both are the same person. One of them may be known by number only, and the other one by LID only. */
export function isSamePerson(one: StoredParticipant | undefined, other: StoredParticipant | undefined): boolean {
  if (!one || !other) return one === other;
  if (one.lid !== undefined && other.lid !== undefined) return one.lid === other.lid;
  return canonicalNumber(one.number) === canonicalNumber(other.number);
}

/** A participant as shown, in the form of a stored one. `toParticipant` returns the same again. */
export const withoutLid = ({ name, number }: Participant): StoredParticipant =>
  number === null ? { name, number: "", lid: "" } : { name, number };
