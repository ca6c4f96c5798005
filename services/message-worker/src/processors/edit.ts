import type { EditJob } from "@syszap/contracts";
import type { Change, CompanyUnit } from "@syszap/database";

/** Replaces a message's text, also in the chat's last message. */
export async function applyEdit({ messageChanges, chats, emit }: CompanyUnit, job: EditJob): Promise<Change> {
  const message = await messageChanges.applyEdit(job, job);
  if (!message || message === "absent") return message;
  emit.messageUpdate(message, "edited");
  const chat = await chats.refreshLastMessage(message);
  if (chat) emit.chatUpdate(chat);
  return message;
}
