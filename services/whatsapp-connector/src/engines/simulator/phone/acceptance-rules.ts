import { deleteWindowMs, editWindowMs, type SendFailure, type SentFileKind } from "@syszap/contracts";
import type { EngineFact, MessageReference, Outgoing } from "../../contract/engine.ts";
import type { PhoneMemory } from "./memory.ts";

const megabyte = 1024 * 1024;
/** As WhatsApp Web has them, about. */
const fileLimits: Record<SentFileKind, number> = {
  image: 16 * megabyte,
  video: 64 * megabyte,
  audio: 16 * megabyte,
  voice: 16 * megabyte,
  document: 2_048 * megabyte,
};
export const hasNoWhatsApp = (number: string): boolean => number.endsWith("0000");

/** Why WhatsApp refuses it; undefined when it does not. */
export function whyRefused(order: Outgoing, number: string, memory: PhoneMemory): SendFailure | undefined {
  if (hasNoWhatsApp(number)) return "no_whatsapp";
  if (memory.remembered.blocked?.includes(number)) return "blocked";
  if (order.kind === "media" && order.file.sizeBytes > fileLimits[order.as]) return "too_large";
  const about = "target" in order ? order.target : order.quoted;
  if (!about) return undefined;
  const facts = factsOf(memory, about);
  if (!isKnown(memory, about, facts)) return "message_gone";
  if (facts.some(({ kind }) => kind === "revoke")) return order.kind === "delete" ? undefined : "message_gone";
  if (order.kind !== "edit" && order.kind !== "delete") return undefined;
  if (about.direction !== 1) return "not_changeable";
  const ageMs = Date.now() - (facts[0]?.timestampMs ?? Date.now());
  if (order.kind === "edit") return ageMs > editWindowMs ? "edit_too_late" : undefined;
  return ageMs > deleteWindowMs ? "delete_too_late" : undefined;
}

type AboutMessage = Exclude<EngineFact, { kind: "contact" }>;
const factsOf = (memory: PhoneMemory, { waKey }: MessageReference): AboutMessage[] =>
  memory.remembered.facts.filter((fact): fact is AboutMessage => fact.kind !== "contact" && fact.waKey === waKey);
const isKnown = (memory: PhoneMemory, { waKey }: MessageReference, facts: AboutMessage[]) =>
  memory.hasAccepted(waKey) || facts.some(({ kind }) => kind === "message");
