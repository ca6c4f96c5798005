import type { EditJob } from "@syszap/contracts";
import type { Change, CompanyUnit } from "@syszap/database";

/** Replaces a message's text, also where the list of chats shows it. */
export async function applyEdit({ messages, chats, emit }: CompanyUnit, job: EditJob): Promise<Change> {
  const message = await messages.applyEdit(job, job);
  if (!message || message === "absent") return message;
  emit.messageUpdate(message, "edited");
  const chat = await chats.refreshLastMessage(message);
  if (chat) emit.chatUpdate(chat);
  return message;
}
