import type { VoteJob } from "@syszap/contracts";
import type { Change, CompanyUnit } from "@syszap/database";

/** Sets, replaces or withdraws one side's vote in a poll. */
export async function applyVote({ messageChanges, emit }: CompanyUnit, job: VoteJob): Promise<Change> {
  const message = await messageChanges.applyVote(job, job);
  if (message && message !== "absent") emit.messageUpdate(message, "vote");
  return message;
}
