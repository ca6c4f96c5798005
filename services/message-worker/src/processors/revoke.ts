import type { RevokeJob } from "@syszap/contracts";
import type { Change, CompanyUnit } from "@syszap/database";

/** Deletes a message's text and file, also in the chat's last message. */
export async function applyRevoke({ messageChanges, chats, emit }: CompanyUnit, job: RevokeJob): Promise<Change> {
  const message = await messageChanges.applyRevoke(job, job);
  if (!message || message === "absent") return message;
  emit.messageUpdate(message, "revoked");
  const chat = await chats.refreshLastMessage(message);
  if (chat) emit.chatUpdate(chat);
  return message;
}
