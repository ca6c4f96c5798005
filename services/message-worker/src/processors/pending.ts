import { type JobName, type Jobs, jobIdOf } from "@syszap/contracts";
import type { Change, CompanyUnit, Database, MessageKey, PendingFact } from "@syszap/database";
import { applyAck } from "./ack.ts";
import { applyEdit } from "./edit.ts";
import { applyMedia } from "./media.ts";
import { applyReaction } from "./reaction.ts";
import { applyRevoke } from "./revoke.ts";

/** Jobs about a message that another job stores. */
export type FactName = Exclude<JobName, "message" | "contact">;
/** Changes the message and tells of it, when it is there. */
type Apply<Name extends FactName> = (unit: CompanyUnit, job: Jobs[Name]) => Promise<Change>;

const appliers: { [Name in FactName]: Apply<Name> } = {
  ack: applyAck,
  edit: applyEdit,
  revoke: applyRevoke,
  reaction: applyReaction,
  media: applyMedia,
};

/**
 * Applies facts of one company in one transaction, those of one message in this order, or keeps them for their messages. Answers
 * with how many older facts of the company were forgotten for that.
 */
export function processFacts<Name extends FactName>(
  db: Database,
  name: Name,
  companyId: string,
  jobs: readonly Jobs[Name][],
): Promise<number> {
  return db.withCompany(companyId, async (unit) => {
    unit.pendingFacts.lock(...jobs);
    const forgotten = await inLines(jobs, messageOf, async (job) => {
      if ((await appliers[name](unit, job)) !== "absent") return 0;
      const fact = { id: jobIdOf(name, job), kind: name, payload: JSON.stringify(job) };
      return unit.pendingFacts.keep(job, fact);
    });
    return forgotten.reduce((sum, each) => sum + each, 0);
  });
}

const messageOf = ({ sessionId, direction, waKey }: MessageKey) => `${sessionId} ${direction} ${waKey}`;

/** Those of one line one after the other, the lines beside each other. Nothing goes on once it rejects. */
async function inLines<Item, Result>(
  items: readonly Item[],
  lineOf: (item: Item) => string,
  run: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const last = new Map<string, Promise<unknown>>();
  const running = items.map((item) => {
    const result = (last.get(lineOf(item)) ?? Promise.resolve()).then(() => run(item));
    last.set(lineOf(item), result);
    return result;
  });
  await Promise.allSettled(running);
  return Promise.all(running);
}

/** What was said of messages before they came. Their locks are held since before they were stored. */
export async function applyPending(unit: CompanyUnit, waiting: readonly PendingFact[]): Promise<void> {
  for (const { kind, payload } of waiting) {
    if (isFactName(kind)) await apply(unit, kind, JSON.parse(payload) as Jobs[typeof kind]);
  }
}

const apply = <Name extends FactName>(unit: CompanyUnit, name: Name, job: Jobs[Name]) => appliers[name](unit, job);
const isFactName = (kind: string): kind is FactName => Object.hasOwn(appliers, kind);
