import type { MediaJob } from "@syszap/contracts";
import type { Change, CompanyUnit, MediaOutcome } from "@syszap/database";

/** Gives a message the file that it was stored without, or says that it will not come by itself any more. */
export async function applyMedia(unit: CompanyUnit, job: MediaJob): Promise<Change> {
  const outcome = await outcomeOf(unit, job);
  if (!outcome) return undefined;
  const message = await unit.messageChanges.applyMedia(job, outcome);
  if (message && message !== "absent") unit.emit.messageUpdate(message, "media");
  return message;
}

async function outcomeOf(unit: CompanyUnit, job: MediaJob): Promise<MediaOutcome | undefined> {
  if (job.media) return { mediaId: await unit.media.add(job.media) };
  return job.missingMedia && { missing: job.missingMedia };
}
