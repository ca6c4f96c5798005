import type { LocationJob } from "@syszap/contracts";
import type { Change, CompanyUnit } from "@syszap/database";

/** Moves a live location, or ends it. */
export async function applyLocation({ messageChanges, emit }: CompanyUnit, job: LocationJob): Promise<Change> {
  const message = await messageChanges.applyLocation(job, job);
  if (message && message !== "absent") emit.messageUpdate(message, "location");
  return message;
}
