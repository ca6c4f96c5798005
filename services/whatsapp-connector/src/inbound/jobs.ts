import { type Direction, type JobName, type Jobs, jobIdOf, MessageContent } from "@syszap/contracts";
import type { ContactAddress, EngineFact } from "../engines/contract/engine.ts";
import type { TakenMedia } from "./media-intake.ts";

/** A fact as the worker gets it. */
export type InboundJob = { [Name in JobName]: { name: Name; data: Jobs[Name] } }[JobName];

/** Who received a fact, and as which one under that lease. */
export interface Receipt {
  companyId: string;
  sessionId: string;
  generation: number;
  receipt: number;
}

/** Under this id the queue knows the fact, whoever tells it and how often. Throws for a fact that nobody stores. */
export function jobIdOfFact(told: Receipt & { fact: EngineFact }): string {
  const job = toJob(told.fact, told, undefined);
  if (!job) throw new Error("a fact that nobody stores");
  return jobIdOf(job.name, job.data);
}

const longestBody = 200_000;
const longestName = 500;
const longestVendorKind = 100;

/** Undefined for a fact that nobody stores by itself: a changed picture is fetched first. */
export function toJob(fact: EngineFact, by: Receipt, media: TakenMedia | undefined): InboundJob | undefined {
  const origin = { companyId: by.companyId, sessionId: by.sessionId };
  switch (fact.kind) {
    case "message":
      return { name: "message", data: toMessage(fact, by, media) };
    case "ack": {
      const { waKey, direction, status, reason, timestampMs } = fact;
      const because = reason === undefined ? {} : { reason: storable(reason, longestName) };
      return { name: "ack", data: { ...origin, waKey, direction, status, timestampMs, ...because } };
    }
    case "edit": {
      const { waKey, direction, editKey, body, timestampMs } = fact;
      const data = { ...origin, waKey, direction, editKey, body: storable(body, longestBody), timestampMs };
      return { name: "edit", data };
    }
    case "revoke": {
      const { waKey, direction, timestampMs } = fact;
      return { name: "revoke", data: { ...origin, waKey, direction, timestampMs } };
    }
    case "reaction": {
      const { waKey, direction, from, timestampMs } = fact;
      const data = { ...origin, waKey, direction, from, emoji: storable(fact.emoji, 64), timestampMs };
      return { name: "reaction", data };
    }
    case "contact": {
      const { name, timestampMs } = fact;
      if (name === undefined) return undefined;
      const data = { ...origin, ...personOf(fact), name: storable(name, longestName), timestampMs };
      return { name: "contact", data };
    }
  }
}

function toMessage(fact: EngineFact & { kind: "message" }, by: Receipt, media: TakenMedia | undefined) {
  const { name } = fact.client;
  return {
    companyId: by.companyId,
    sessionId: by.sessionId,
    waKey: fact.waKey,
    direction: fact.direction,
    waChatId: fact.waChatId,
    kind: fact.type,
    ...(fact.vendorKind !== undefined && { vendorKind: storable(fact.vendorKind, longestVendorKind) }),
    body: storable(fact.body, longestBody),
    client: { ...personOf(fact.client), name: name === null ? null : storable(name, longestName) },
    ...media,
    ...(fact.content && contentOf(fact.content)),
    ...(fact.status && { status: fact.status }),
    timestampMs: fact.timestampMs,
    generation: by.generation,
    receipt: by.receipt,
    isHistory: fact.isHistory,
  };
}

const personOf = ({ number, lid }: ContactAddress) => ({ number, ...(lid !== undefined && { lid }) });

/** Names a message, and whose it is. */
export interface MessageOwner {
  companyId: string;
  sessionId: string;
  direction: Direction;
  waKey: string;
}

/** `attempt` tells one end of the tries for a file from another. */
export function mediaJob(owner: MessageOwner, taken: TakenMedia, attempt: number): InboundJob {
  const { companyId, sessionId, direction, waKey } = owner;
  const outcome = "media" in taken ? { media: taken.media } : { missingMedia: taken.missingMedia };
  const data = { companyId, sessionId, direction, waKey, ...outcome, attempt, timestampMs: Date.now() };
  return { name: "media", data };
}

/** Cut to what the schema holds; what it refuses all the same (a place off the globe) is left out. */
function contentOf(content: MessageContent): { content?: MessageContent } {
  const text = JSON.stringify(content, (_name, part: unknown) =>
    typeof part === "string" ? storable(part, longestName) : part,
  );
  const { data } = MessageContent.safeParse(JSON.parse(text));
  return data ? { content: data } : {};
}

/** What JSON and Postgres can't hold is replaced, never a reason to lose what WhatsApp delivered. */
export function storable(text: string, length: number): string {
  return text.slice(0, length).replaceAll("\u0000", "\uFFFD").toWellFormed();
}
