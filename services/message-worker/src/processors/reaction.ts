import type { ReactionJob } from "@syszap/contracts";
import type { Change, CompanyUnit } from "@syszap/database";

/** Sets, replaces or removes the reaction of one side, or of a participant of a group, to a message. */
export async function applyReaction({ messageChanges, groups, emit }: CompanyUnit, job: ReactionJob): Promise<Change> {
  const [sender] = await groups.withNames(job.sender ? [job.sender] : []);
  const message = await messageChanges.applyReaction(job, { ...job, sender });
  if (message && message !== "absent") emit.messageUpdate(message, "reaction");
  return message;
}
