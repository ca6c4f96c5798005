import type { GroupJob } from "@syszap/contracts";
import type { Database } from "@syszap/database";

/** Stores the subject, picture and participants of a group. */
export function processGroup(db: Database, job: GroupJob): Promise<void> {
  return db.withCompany(job.companyId, async ({ groups, media, emit }) => {
    const { sessionId, waChatId, subject, picture, participants, isMember, timestampMs } = job;
    const pictureMediaId = picture ? await media.add(picture) : picture;
    const at = new Date(timestampMs);
    const chat = await groups.apply({ sessionId, waChatId, subject, participants, isMember, pictureMediaId, at });
    if (chat) emit.chatUpdate(chat);
  });
}
