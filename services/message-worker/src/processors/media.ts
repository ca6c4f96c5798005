import type { MediaJob } from "@syszap/contracts";
import type { Change, CompanyUnit, MediaOutcome } from "@syszap/database";

/** Adds the file of a message that was stored without it, or records why it will not be downloaded. */
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
