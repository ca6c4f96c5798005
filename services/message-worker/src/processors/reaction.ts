import type { ReactionJob } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import { present } from "./present.ts";

/** Sets, replaces or takes back one side's reaction to a message. */
export function processReaction(db: Database, job: ReactionJob): Promise<void> {
  return db.withCompany(job.companyId, async ({ messages, emit }) => {
    const message = present(await messages.applyReaction(job, job));
    if (message) emit.messageUpdate(message, "reaction");
  });
}
