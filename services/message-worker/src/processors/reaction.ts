import type { ReactionJob } from "@syszap/contracts";
import type { Change, CompanyUnit } from "@syszap/database";

/** Sets, replaces or removes one side's reaction to a message. */
export async function applyReaction({ messageChanges, emit }: CompanyUnit, job: ReactionJob): Promise<Change> {
  const message = await messageChanges.applyReaction(job, job);
  if (message && message !== "absent") emit.messageUpdate(message, "reaction");
  return message;
}
