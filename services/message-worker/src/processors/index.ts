import { type JobName, type Jobs, jobIdOf } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import { Batcher } from "./batcher.ts";
import { processContact } from "./contact.ts";
import { processMessages } from "./message.ts";
import { type FactName, processFacts } from "./pending.ts";

/** One for each job there is: a new job does not compile until it is handled here. */
export type Processors = { [Name in JobName]: (job: Jobs[Name]) => Promise<void> };

/**
 * Each runs one transaction; its events are published after the commit. Safe to run again, in any order. `onForgotten` hears of
 * facts that were given up for newer ones, since their messages never came.
 */
export function createProcessors(db: Database, onForgotten: (facts: number) => void = () => undefined): Processors {
  const facts = async <Name extends FactName>(name: Name, companyId: string, jobs: readonly Jobs[Name][]) => {
    const forgotten = await processFacts(db, name, companyId, jobs);
    if (forgotten > 0) onForgotten(forgotten);
  };
  const fact =
    <Name extends FactName>(name: Name) =>
    (job: Jobs[Name]) =>
      facts(name, job.companyId, [job]);
  const messages = new Batcher<Jobs["message"]>({
    store: (companyId, jobs) => processMessages(db, companyId, jobs),
    nameOf: (job) => jobIdOf("message", job),
    sizeOf: ({ body, content }) => body.length + (content ? JSON.stringify(content).length : 0),
  });
  // Several come for each message that we send. What else is told of messages is rare, and would lock chats in any order.
  const acks = new Batcher<Jobs["ack"]>({
    store: (companyId, jobs) => facts("ack", companyId, jobs),
    nameOf: (job) => jobIdOf("ack", job),
    sizeOf: () => 0,
  });
  return {
    message: (job) => messages.add(job),
    ack: (job) => acks.add(job),
    edit: fact("edit"),
    revoke: fact("revoke"),
    reaction: fact("reaction"),
    media: fact("media"),
    contact: (job) => processContact(db, job),
  };
}
