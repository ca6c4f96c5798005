import type { VoteJob } from "@syszap/contracts";
import type { Change, CompanyUnit } from "@syszap/database";

/** Sets, replaces or withdraws the vote of one side, or of a participant of a group, in a poll. */
export async function applyVote({ messageChanges, groups, emit }: CompanyUnit, job: VoteJob): Promise<Change> {
  const [sender] = await groups.withNames(job.sender ? [job.sender] : []);
  const message = await messageChanges.applyVote(job, { ...job, sender });
  if (message && message !== "absent") emit.messageUpdate(message, "vote");
  return message;
}
