import { deleteWindowMs, editWindowMs, isGroupChat, type SendFailure, type SentFileKind } from "@syszap/contracts";
import type { EngineFact, MessageReference, Outgoing } from "../../contract/engine.ts";
import type { PhoneMemory } from "./memory.ts";

const megabyte = 1024 * 1024;
/** Approximate limits of WhatsApp Web. */
const fileLimits: Record<SentFileKind, number> = {
  image: 16 * megabyte,
  video: 64 * megabyte,
  audio: 16 * megabyte,
  voice: 16 * megabyte,
  document: 2_048 * megabyte,
  sticker: 16 * megabyte,
};

export const hasNoWhatsApp = (number: string): boolean => number.endsWith("0000");

/** Returns why WhatsApp refuses the operation; undefined if it accepts it. */
export function refusalReason(outgoing: Outgoing, number: string, memory: PhoneMemory): SendFailure | undefined {
  if (hasNoWhatsApp(number)) return "no_whatsapp";
  if (isGroupChat(number)) {
    const group = memory.remembered.groups?.[number];
    const us = group?.participants.find((each) => each.number === memory.remembered.phoneNumber);
    if (!us) return "not_a_member";
    if (group?.onlyAdmins && us.role === "member") return "admins_only";
  }
  if (memory.remembered.blocked?.includes(number)) return "blocked";
  if (outgoing.kind === "media" && outgoing.file.sizeBytes > fileLimits[outgoing.as]) return "too_large";
  const reference = "target" in outgoing ? outgoing.target : outgoing.quoted;
  if (!reference) return undefined;
  const facts = factsOf(memory, reference);
  if (!isKnown(memory, reference, facts)) return "message_gone";
  if (facts.some(({ kind }) => kind === "revoke")) return outgoing.kind === "delete" ? undefined : "message_gone";
  if (outgoing.kind !== "edit" && outgoing.kind !== "delete") return undefined;
  if (reference.direction !== 1) return "not_changeable";
  const ageMs = Date.now() - (facts[0]?.timestampMs ?? Date.now());
  if (outgoing.kind === "edit") return ageMs > editWindowMs ? "edit_too_late" : undefined;
  return ageMs > deleteWindowMs ? "delete_too_late" : undefined;
}

type MessageFact = Exclude<EngineFact, { kind: "contact" }>;
const factsOf = (memory: PhoneMemory, { waKey }: MessageReference): MessageFact[] =>
  memory.remembered.facts.filter((fact): fact is MessageFact => "waKey" in fact && fact.waKey === waKey);
const isKnown = (memory: PhoneMemory, { waKey }: MessageReference, facts: MessageFact[]) =>
  memory.hasAccepted(waKey) || facts.some(({ kind }) => kind === "message");
