import type { Message, RevokeJob } from "@syszap/contracts";
import type { Change, CompanyUnit } from "@syszap/database";

/** Deletes a message's text and file, also in the chat's last message. */
export async function applyRevoke(unit: CompanyUnit, job: RevokeJob): Promise<Change> {
  const message = await unit.messageChanges.applyRevoke(job, job);
  if (message && message !== "absent") await emitErased(unit, message);
  return message;
}

/** Erases the content of a disappearing message whose time has come. */
export async function expireMessage(unit: CompanyUnit, messageId: string): Promise<void> {
  const message = await unit.messageChanges.expire(messageId);
  if (message) await emitErased(unit, message);
}

async function emitErased({ chats, emit }: CompanyUnit, message: Message): Promise<void> {
  emit.messageUpdate(message, "revoked");
  const chat = await chats.refreshLastMessage(message);
  if (chat) emit.chatUpdate(chat);
}
