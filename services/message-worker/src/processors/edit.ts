import type { EditJob } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import { present } from "./present.ts";

/** Replaces a message's text, also where the list of chats shows it. */
export function processEdit(db: Database, job: EditJob): Promise<void> {
  return db.withCompany(job.companyId, async ({ messages, chats, emit }) => {
    const message = present(await messages.applyEdit(job, job));
    if (!message) return;
    emit.messageUpdate(message, "edited");
    const chat = await chats.refreshLastMessage(message);
    if (chat) emit.chatUpdate(chat);
  });
}
