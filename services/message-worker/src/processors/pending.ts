import { type JobName, type Jobs, jobIdOf } from "@syszap/contracts";
import type { Change, CompanyUnit, Database, PendingFact } from "@syszap/database";
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

/** Applies a fact, or keeps it for its message. Answers with how many older facts of the company were forgotten for that. */
export function processFact<Name extends FactName>(db: Database, name: Name, job: Jobs[Name]): Promise<number> {
  return db.withCompany(job.companyId, async (unit) => {
    unit.pendingFacts.lock(job);
    if ((await appliers[name](unit, job)) !== "absent") return 0;
    return unit.pendingFacts.keep(job, { id: jobIdOf(name, job), kind: name, payload: JSON.stringify(job) });
  });
}

/** What was said of messages before they came. Their locks are held since before they were stored. */
export async function applyPending(unit: CompanyUnit, waiting: readonly PendingFact[]): Promise<void> {
  for (const { kind, payload } of waiting) {
    if (isFactName(kind)) await apply(unit, kind, JSON.parse(payload) as Jobs[typeof kind]);
  }
}

const apply = <Name extends FactName>(unit: CompanyUnit, name: Name, job: Jobs[Name]) => appliers[name](unit, job);
const isFactName = (kind: string): kind is FactName => Object.hasOwn(appliers, kind);
