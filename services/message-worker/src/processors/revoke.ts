import type { RevokeJob } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import { present } from "./present.ts";

/** Takes a message's text and file away, also where the list of chats shows it. */
export function processRevoke(db: Database, job: RevokeJob): Promise<void> {
  return db.withCompany(job.companyId, async ({ messages, chats, emit }) => {
    const message = present(await messages.applyRevoke(job, job));
    if (!message) return;
    emit.messageUpdate(message, "revoked");
    const chat = await chats.refreshLastMessage(message);
    if (chat) emit.chatUpdate(chat);
  });
}
