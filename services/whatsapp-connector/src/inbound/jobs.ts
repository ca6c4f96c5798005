import {
  type JobName,
  type Jobs,
  MessageContent,
  MessageContext,
  maxContentTextLength,
  maxGroupParticipants,
  maxGroupSubjectLength,
  type NamedContact,
  previewLength,
  Username,
} from "@syszap/contracts";
import { jobIdOf } from "@syszap/queues";
import type { z } from "zod";
import type { EngineFact } from "../engines/contract/engine.ts";
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
  /** By this machine's clock. */
  acceptedAtMs: number;
}

const lateAfterMs = 60_000;

/** Job id of a fact. Repeated reports of the same fact yield the same id. Throws for a fact that no job stores. */
export function jobIdOfFact(received: Receipt & { fact: EngineFact }): string {
  const job = toJob(received.fact, received, undefined);
  if (!job) throw new Error("no job stores this fact");
  return jobIdOf(job.name, job.data);
}

const maxBodyLength = 200_000;
const maxNameLength = 500;
const maxVendorKindLength = 100;
const maxVotes = 50;

/** Returns undefined for a fact that no job stores: a changed picture must be fetched first, and impossible positions. */
export function toJob(fact: EngineFact, by: Receipt, media: MediaOutcome | undefined): InboundJob | undefined {
  const origin = { companyId: by.companyId, sessionId: by.sessionId };
  switch (fact.kind) {
    case "message":
      return { name: "message", data: toMessage(fact, by, media) };
    case "ack": {
      const { status, reason } = fact;
      const failure = reason === undefined ? {} : { reason: storableText(reason, maxNameLength) };
      return { name: "ack", data: { ...origin, ...aboutMessage(fact), status, ...failure } };
    }
    case "edit": {
      const { editKey, body } = fact;
      return {
        name: "edit",
        data: { ...origin, ...aboutMessage(fact), editKey, body: storableText(body, maxBodyLength) },
      };
    }
    case "revoke":
      return { name: "revoke", data: { ...origin, ...aboutMessage(fact) } };
    case "reaction": {
      const { from, emoji } = fact;
      const data = { ...origin, ...aboutMessage(fact), from, ...senderOf(fact), emoji: storableText(emoji, 64) };
      return { name: "reaction", data };
    }
    case "vote": {
      const options = fact.options.slice(0, maxVotes).map((option) => storableText(option, maxContentTextLength));
      return { name: "vote", data: { ...origin, ...aboutMessage(fact), from: fact.from, ...senderOf(fact), options } };
    }
    case "location": {
      const { latitude, longitude, hasEnded } = fact;
      if (!isPosition(fact)) return undefined;
      return { name: "location", data: { ...origin, ...aboutMessage(fact), latitude, longitude, hasEnded } };
    }
    case "group": {
      const { waChatId, subject, participants, isMember, timestampMs } = fact;
      if (subject === undefined && participants === undefined && isMember === undefined) return undefined;
      const data = {
        ...origin,
        waChatId,
        ...(subject !== undefined && { subject: storableText(subject, maxGroupSubjectLength) }),
        ...(participants && {
          participants: participants
            .slice(0, maxGroupParticipants)
            .map(({ role, ...participant }) => ({ ...namedContact(participant), role })),
        }),
        ...(isMember !== undefined && { isMember }),
        timestampMs,
      };
      return { name: "group", data };
    }
    case "read":
      return { name: "read", data: { ...origin, waChatId: fact.waChatId, timestampMs: fact.timestampMs } };
    case "contact": {
      const { name, timestampMs } = fact;
      const person = personOf(fact);
      if (name === undefined && person.username === undefined) return undefined;
      const named = name === undefined ? {} : { name: storableText(name, maxNameLength) };
      const data = { ...origin, ...person, ...named, timestampMs };
      return { name: "contact", data };
    }
  }
}

function toMessage(fact: EngineFact & { kind: "message" }, by: Receipt, media: MediaOutcome | undefined) {
  return {
    companyId: by.companyId,
    sessionId: by.sessionId,
    waKey: fact.waKey,
    direction: fact.direction,
    waChatId: fact.waChatId,
    kind: fact.type,
    ...(fact.vendorKind !== undefined && { vendorKind: storableText(fact.vendorKind, maxVendorKindLength) }),
    body: storableText(fact.body, maxBodyLength),
    ...(fact.client && { client: namedContact(fact.client) }),
    ...senderOf(fact),
    ...(fact.mentionsUs && { mentionsUs: true }),
    ...media,
    ...storable("content", MessageContent, fact.content),
    ...storable("context", MessageContext, fact.context),
    ...(fact.quoted && {
      quoted: { ...fact.quoted, ...senderOf(fact.quoted), body: storableText(fact.quoted.body, previewLength) },
    }),
    ...(fact.status && { status: fact.status }),
    timestampMs: fact.timestampMs,
    generation: by.generation,
    receipt: by.receipt,
    receivedAtMs: by.acceptedAtMs,
    ...(by.acceptedAtMs - fact.timestampMs > lateAfterMs && { isLate: true }),
    isHistory: fact.isHistory,
  };
}

const namedContact = ({ name, ...address }: NamedContact) => ({
  ...personOf(address),
  name: name === null ? null : storableText(name, maxNameLength),
});

const senderOf = ({ sender }: { sender?: NamedContact | undefined }) =>
  sender ? { sender: namedContact(sender) } : {};

function personOf({ number, lid, username }: Pick<NamedContact, "number" | "lid" | "username">) {
  const known = Username.safeParse(username?.replace(/^@/, "").toLowerCase());
  return { number, ...(lid !== undefined && { lid }), ...(known.success && { username: known.data }) };
}

/** Reports the file of a message that was stored without it. `attempt` makes the job id unique per outcome. */
export function mediaJob(owner: MessageOwner, result: MediaOutcome, attempt: number): InboundJob {
  const { companyId, sessionId, direction, waKey, waChatId } = owner;
  const outcome = "media" in result ? { media: result.media } : { missingMedia: result.missingMedia };
  const chat = waChatId === undefined ? {} : { waChatId };
  const data = { companyId, sessionId, direction, waKey, ...chat, ...outcome, attempt, timestampMs: Date.now() };
  return { name: "media", data };
}

/** The message that a fact is about, and the fact's time. */
const aboutMessage = ({
  waKey,
  waChatId,
  direction,
  timestampMs,
}: Exclude<EngineFact, { kind: "message" | "contact" | "group" | "read" }>) => ({
  waKey,
  direction,
  ...(waChatId !== undefined && { waChatId }),
  timestampMs,
});

const isPosition = ({ latitude, longitude }: { latitude: number; longitude: number }) =>
  Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;

/** Cuts texts to the schema's limits. A value that the schema still refuses, such as impossible coordinates, is omitted. */
function storable<Name extends string, Schema extends z.ZodType>(
  name: Name,
  schema: Schema,
  value: z.infer<Schema> | undefined,
): { [Key in Name]?: z.infer<Schema> } {
  if (value === undefined) return {};
  const text = JSON.stringify(value, (_name, part: unknown) =>
    typeof part === "string" ? storableText(part, maxContentTextLength) : part,
  );
  const { data } = schema.safeParse(JSON.parse(text));
  return data === undefined ? {} : ({ [name]: data } as { [Key in Name]?: z.infer<Schema> });
}
