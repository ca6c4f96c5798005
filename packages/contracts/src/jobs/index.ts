import type { z } from "zod";
import { AckJob } from "./ack.ts";
import { ContactJob } from "./contact.ts";
import { EditJob } from "./edit.ts";
import { GroupJob } from "./group.ts";
import { LocationJob } from "./location.ts";
import { MediaJob } from "./media.ts";
import { MessageJob } from "./message.ts";
import { ReactionJob } from "./reaction.ts";
import { ReadJob } from "./read.ts";
import { RevokeJob } from "./revoke.ts";
import { VoteJob } from "./vote.ts";

export * from "./options.ts";
export { MissingFile, NamedContact, QuotedOriginal, StoredFile } from "./parts.ts";
export { summarizePayload } from "./payload-summary.ts";
export {
  AckJob,
  ContactJob,
  EditJob,
  GroupJob,
  LocationJob,
  MediaJob,
  MessageJob,
  ReactionJob,
  ReadJob,
  RevokeJob,
  VoteJob,
};

/** All jobs of the `inbound-messages` queue, by name. The worker does not compile until it handles every name. */
export interface Jobs {
  message: MessageJob;
  ack: AckJob;
  edit: EditJob;
  revoke: RevokeJob;
  reaction: ReactionJob;
  vote: VoteJob;
  location: LocationJob;
  read: ReadJob;
  contact: ContactJob;
  group: GroupJob;
  media: MediaJob;
}
export type JobName = keyof Jobs;

export const jobSchemas: { [Name in JobName]: z.ZodType<Jobs[Name]> } = {
  message: MessageJob,
  ack: AckJob,
  edit: EditJob,
  revoke: RevokeJob,
  reaction: ReactionJob,
  vote: VoteJob,
  location: LocationJob,
  read: ReadJob,
  contact: ContactJob,
  group: GroupJob,
  media: MediaJob,
};
export const isJobName = (name: string): name is JobName => Object.hasOwn(jobSchemas, name);
