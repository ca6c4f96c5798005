import type { JobName, Jobs } from "@syszap/contracts";
import type { Change, CompanyUnit, Database, MessageKey, PendingFact } from "@syszap/database";
import { jobIdOf } from "@syszap/queues";
import { applyAck } from "./ack.ts";
import { applyEdit } from "./edit.ts";
import { applyLocation } from "./location.ts";
import { applyMedia } from "./media.ts";
import { applyReaction } from "./reaction.ts";
import { applyRevoke } from "./revoke.ts";
import { applyVote } from "./vote.ts";

/** Names of jobs with a fact about a message that a `message` job stores. */
export type FactName = Exclude<JobName, "message" | "contact" | "group" | "read">;
/** Changes the message and emits the change. Returns `absent` when the message is not stored. */
type Apply<Name extends FactName> = (unit: CompanyUnit, job: Jobs[Name]) => Promise<Change>;

const appliers: { [Name in FactName]: Apply<Name> } = {
  ack: applyAck,
  edit: applyEdit,
  revoke: applyRevoke,
  reaction: applyReaction,
  vote: applyVote,
  location: applyLocation,
  media: applyMedia,
};

/**
 * Applies facts of one company in one transaction. Facts about one message are applied in this order. Facts whose message is not stored
 * are kept until it is. Returns how many older pending facts of the company were deleted for that.
 */
export function processFacts<Name extends FactName>(
  db: Database,
  name: Name,
  companyId: string,
  jobs: readonly Jobs[Name][],
): Promise<number> {
  return db.withCompany(companyId, async (unit) => {
    unit.pendingFacts.lock(...jobs);
    const forgotten = await runInLanes(jobs, laneOf, async (job) => {
      if ((await appliers[name](unit, job)) !== "absent") return 0;
      const fact = { id: jobIdOf(name, job), kind: name, payload: JSON.stringify(job) };
      return unit.pendingFacts.keep(job, fact);
    });
    return forgotten.reduce((sum, each) => sum + each, 0);
  });
}

const laneOf = ({ sessionId, direction, waKey }: MessageKey) => `${sessionId} ${direction} ${waKey}`;

/**
 * Runs items of the same lane one after another, and different lanes concurrently. When an item rejects, the rest of its lane does not
 * run. Rejects only after all lanes have ended.
 */
async function runInLanes<Item, Result>(
  items: readonly Item[],
  laneOf: (item: Item) => string,
  run: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const last = new Map<string, Promise<unknown>>();
  const running = items.map((item) => {
    const result = (last.get(laneOf(item)) ?? Promise.resolve()).then(() => run(item));
    last.set(laneOf(item), result);
    return result;
  });
  await Promise.allSettled(running);
  return Promise.all(running);
}

/** Applies pending facts to messages that were just stored. The caller must hold the locks of the messages. */
export async function applyPending(unit: CompanyUnit, waiting: readonly PendingFact[]): Promise<void> {
  for (const { kind, payload } of waiting) {
    if (isFactName(kind)) await apply(unit, kind, JSON.parse(payload) as Jobs[typeof kind]);
  }
}

const apply = <Name extends FactName>(unit: CompanyUnit, name: Name, job: Jobs[Name]) => appliers[name](unit, job);
const isFactName = (kind: string): kind is FactName => Object.hasOwn(appliers, kind);
