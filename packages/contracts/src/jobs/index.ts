import type { z } from "zod";
import { AckJob } from "./ack.ts";
import { ContactJob } from "./contact.ts";
import { EditJob } from "./edit.ts";
import { MediaJob } from "./media.ts";
import { MessageJob } from "./message.ts";
import { ReactionJob } from "./reaction.ts";
import { RevokeJob } from "./revoke.ts";

export * from "./options.ts";
export { MissingFile, StoredFile } from "./parts.ts";
export { summarizePayload } from "./payload-summary.ts";
export { AckJob, ContactJob, EditJob, MediaJob, MessageJob, ReactionJob, RevokeJob };

/** All jobs of the `inbound-messages` queue, by name. The worker does not compile until it handles every name. */
export interface Jobs {
  message: MessageJob;
  ack: AckJob;
  edit: EditJob;
  revoke: RevokeJob;
  reaction: ReactionJob;
  contact: ContactJob;
  media: MediaJob;
}
export type JobName = keyof Jobs;

export const jobSchemas: { [Name in JobName]: z.ZodType<Jobs[Name]> } = {
  message: MessageJob,
  ack: AckJob,
  edit: EditJob,
  revoke: RevokeJob,
  reaction: ReactionJob,
  contact: ContactJob,
  media: MediaJob,
};
export const isJobName = (name: string): name is JobName => Object.hasOwn(jobSchemas, name);

/** The fields that identify a fact, besides job name and session. */
const identityOf: { [Name in JobName]: (job: Jobs[Name]) => (string | number)[] } = {
  message: (job) => [job.direction, job.waKey],
  ack: (job) => [job.direction, job.waKey, job.status],
  edit: (job) => [job.direction, job.waKey, job.editKey],
  revoke: (job) => [job.direction, job.waKey],
  reaction: (job) => [job.direction, job.waKey, job.from, job.timestampMs],
  contact: (job) => [job.number, job.timestampMs],
  media: (job) => [job.direction, job.waKey, job.media?.sha256 ?? "none", job.attempt],
};
/** Returns the same id for the same fact, so a fact that is added twice is queued once while BullMQ keeps the job. */
export function jobIdOf<Name extends JobName>(name: Name, job: Jobs[Name]): string {
  return [name, job.sessionId, ...identityOf[name](job)].map((part) => String(part).replaceAll(":", "_")).join("|");
}
