import { createHash } from "node:crypto";
import type { JobName, Jobs, NamedContact } from "@syszap/contracts";

/** The fields that identify a fact, besides job name and session. */
const identityOf: { [Name in JobName]: (job: Jobs[Name]) => (string | number)[] } = {
  // Two contacts' phones may create the same key.
  message: (job) => [job.direction, job.waKey, job.waChatId],
  // A message may fail, be sent and fail again. The later statuses occur once.
  ack: ({ direction, waKey, status, timestampMs }) =>
    status === "sent" || status === "failed" ? [direction, waKey, status, timestampMs] : [direction, waKey, status],
  edit: (job) => [job.direction, job.waKey, job.editKey],
  revoke: (job) => [job.direction, job.waKey],
  reaction: (job) => [job.direction, job.waKey, job.from, ...senderOf(job), job.timestampMs, job.emoji],
  vote: (job) => [job.direction, job.waKey, job.from, ...senderOf(job), job.timestampMs, ...job.options],
  location: (job) => [job.direction, job.waKey, job.timestampMs],
  read: (job) => [job.waChatId, job.timestampMs],
  contact: (job) => [job.number, job.timestampMs],
  group: ({ waChatId, timestampMs, subject, picture, participants, isMember }) => [
    waChatId,
    timestampMs,
    JSON.stringify([subject, picture?.sha256 ?? picture, participants, isMember]),
  ],
  media: (job) => [job.direction, job.waKey, job.media?.sha256 ?? "none", job.attempt],
};

/** Empty outside of groups: ids of jobs about other chats stay as they were. */
const senderOf = ({ sender }: { sender?: NamedContact | undefined }) => (sender ? [sender.lid ?? sender.number] : []);

/**
 * Returns the same id for the same fact, so a fact that is added twice is queued once while BullMQ keeps the job. Ids appear in
 * logs and dashboards, and WhatsApp's keys contain phone numbers, so the identity is hashed. Jobs that are queued under an id of
 * another form, by an older version, are processed alike: no processor reads the id, and each fact may be processed twice.
 */
export function jobIdOf<Name extends JobName>(name: Name, job: Jobs[Name]): string {
  const identity = createHash("sha256")
    .update(JSON.stringify(identityOf[name](job)))
    .digest("base64url");
  return `${name}|${job.sessionId}|${identity}`;
}
