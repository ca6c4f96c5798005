import type { JobName, Jobs } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import { jobIdOf } from "@syszap/queues";
import { Batcher } from "./batcher.ts";
import { processContact } from "./contact.ts";
import { processGroup } from "./group.ts";
import { processMessages } from "./message.ts";
import { type FactName, processFacts } from "./pending.ts";
import { processRead } from "./read.ts";

/** One processor for each job name. A new job does not compile until it has one. */
export type Processors = { [Name in JobName]: (job: Jobs[Name]) => Promise<void> };

/**
 * Creates the processors. Each runs one transaction and publishes its events after the commit. Jobs may run more than once and in any
 * order. `onForgotten` receives the number of pending facts that were deleted to make room for newer ones.
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
    sizeOf: ({ body, content, context, quoted }) => body.length + JSON.stringify([content, context, quoted]).length,
  });
  // Each sent message has several acks. Other facts are rare; batches of them would lock chats in conflicting orders.
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
    vote: fact("vote"),
    location: fact("location"),
    media: fact("media"),
    read: (job) => processRead(db, job),
    contact: (job) => processContact(db, job),
    group: (job) => processGroup(db, job),
  };
}
