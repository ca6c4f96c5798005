import type { ReadJob } from "@syszap/contracts";
import type { Database } from "@syszap/database";

/** Messages that the owner has read on the phone are not unread here either. */
export function processRead(db: Database, { companyId, sessionId, waChatId, timestampMs }: ReadJob): Promise<void> {
  return db.withCompany(companyId, async ({ chats, emit }) => {
    const chat = await chats.markReadUntil({ sessionId, waChatId }, timestampMs);
    if (chat) emit.chatUpdate(chat);
  });
}
