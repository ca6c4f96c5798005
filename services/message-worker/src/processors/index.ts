import type { JobName, Jobs } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import { processAck } from "./ack.ts";
import { processContact } from "./contact.ts";
import { processEdit } from "./edit.ts";
import { processMessage } from "./message.ts";
import { processReaction } from "./reaction.ts";
import { processRevoke } from "./revoke.ts";

/** One for each job there is: a new job does not compile until it is handled here. */
export type Processors = { [Name in JobName]: (job: Jobs[Name]) => Promise<void> };

/** Each runs one transaction; its events are published after the commit. Safe to run again. */
export const createProcessors = (db: Database): Processors => ({
  message: (job) => processMessage(db, job),
  ack: (job) => processAck(db, job),
  edit: (job) => processEdit(db, job),
  revoke: (job) => processRevoke(db, job),
  reaction: (job) => processReaction(db, job),
  contact: (job) => processContact(db, job),
});
