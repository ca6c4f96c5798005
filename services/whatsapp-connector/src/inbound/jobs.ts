import { type JobName, type Jobs, MessageContent } from "@syszap/contracts";
import { jobIdOf } from "@syszap/queues";
import type { ContactAddress, EngineFact } from "../engines/contract/engine.ts";
import type { MediaOutcome } from "./media/media-outcome.ts";
import type { MessageOwner } from "./message-owner.ts";
import { storableText } from "./storable-text.ts";

/** A fact in the form that workers process. */
export type InboundJob = { [Name in JobName]: { name: Name; data: Jobs[Name] } }[JobName];

/** The session and lease that received a fact, and the fact's sequence number under that lease. */
export interface Receipt {
  companyId: string;
  sessionId: string;
  generation: number;
  receipt: number;
}

/** Job id of a fact. Repeated reports of the same fact yield the same id. Throws for a fact that no job stores. */
export function jobIdOfFact(received: Receipt & { fact: EngineFact }): string {
  const job = toJob(received.fact, received, undefined);
  if (!job) throw new Error("no job stores this fact");
  return jobIdOf(job.name, job.data);
}

const maxBodyLength = 200_000;
const maxNameLength = 500;
const maxVendorKindLength = 100;

/** Returns undefined for a fact that no job stores: a changed picture must be fetched first. */
export function toJob(fact: EngineFact, by: Receipt, media: MediaOutcome | undefined): InboundJob | undefined {
  const origin = { companyId: by.companyId, sessionId: by.sessionId };
  switch (fact.kind) {
    case "message":
      return { name: "message", data: toMessage(fact, by, media) };
    case "ack": {
      const { waKey, direction, status, reason, timestampMs } = fact;
      const failure = reason === undefined ? {} : { reason: storableText(reason, maxNameLength) };
      return { name: "ack", data: { ...origin, waKey, direction, status, timestampMs, ...failure } };
    }
    case "edit": {
      const { waKey, direction, editKey, body, timestampMs } = fact;
      const data = { ...origin, waKey, direction, editKey, body: storableText(body, maxBodyLength), timestampMs };
      return { name: "edit", data };
    }
    case "revoke": {
      const { waKey, direction, timestampMs } = fact;
      return { name: "revoke", data: { ...origin, waKey, direction, timestampMs } };
    }
    case "reaction": {
      const { waKey, direction, from, timestampMs } = fact;
      const data = { ...origin, waKey, direction, from, emoji: storableText(fact.emoji, 64), timestampMs };
      return { name: "reaction", data };
    }
    case "contact": {
      const { name, timestampMs } = fact;
      if (name === undefined) return undefined;
      const data = { ...origin, ...personOf(fact), name: storableText(name, maxNameLength), timestampMs };
      return { name: "contact", data };
    }
  }
}

function toMessage(fact: EngineFact & { kind: "message" }, by: Receipt, media: MediaOutcome | undefined) {
  const { name } = fact.client;
  return {
    companyId: by.companyId,
    sessionId: by.sessionId,
    waKey: fact.waKey,
    direction: fact.direction,
    waChatId: fact.waChatId,
    kind: fact.type,
    ...(fact.vendorKind !== undefined && { vendorKind: storableText(fact.vendorKind, maxVendorKindLength) }),
    body: storableText(fact.body, maxBodyLength),
    client: { ...personOf(fact.client), name: name === null ? null : storableText(name, maxNameLength) },
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

/** Reports the file of a message that was stored without it. `attempt` makes the job id unique per outcome. */
export function mediaJob(owner: MessageOwner, result: MediaOutcome, attempt: number): InboundJob {
  const { companyId, sessionId, direction, waKey } = owner;
  const outcome = "media" in result ? { media: result.media } : { missingMedia: result.missingMedia };
  const data = { companyId, sessionId, direction, waKey, ...outcome, attempt, timestampMs: Date.now() };
  return { name: "media", data };
}

/** Cuts texts to the schema's limits. Content that the schema still refuses, such as impossible coordinates, is omitted. */
function contentOf(content: MessageContent): { content?: MessageContent } {
  const text = JSON.stringify(content, (_name, part: unknown) =>
    typeof part === "string" ? storableText(part, maxNameLength) : part,
  );
  const { data } = MessageContent.safeParse(JSON.parse(text));
  return data ? { content: data } : {};
}
