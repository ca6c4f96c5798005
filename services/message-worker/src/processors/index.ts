import type { JobName, Jobs } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import { processContact } from "./contact.ts";
import { processMessages } from "./message.ts";
import { MessageBatcher } from "./message-batcher.ts";
import { type FactName, processFact } from "./pending.ts";

/** One for each job there is: a new job does not compile until it is handled here. */
export type Processors = { [Name in JobName]: (job: Jobs[Name]) => Promise<void> };

/**
 * Each runs one transaction; its events are published after the commit. Safe to run again, in any order. `onForgotten` hears of
 * facts that were given up for newer ones, since their messages never came.
 */
export function createProcessors(db: Database, onForgotten: (facts: number) => void = () => undefined): Processors {
  const fact =
    <Name extends FactName>(name: Name) =>
    async (job: Jobs[Name]) => {
      const forgotten = await processFact(db, name, job);
      if (forgotten > 0) onForgotten(forgotten);
    };
  const batcher = new MessageBatcher((companyId, jobs) => processMessages(db, companyId, jobs));
  return {
    message: (job) => batcher.add(job),
    ack: fact("ack"),
    edit: fact("edit"),
    revoke: fact("revoke"),
    reaction: fact("reaction"),
    media: fact("media"),
    contact: (job) => processContact(db, job),
  };
}
