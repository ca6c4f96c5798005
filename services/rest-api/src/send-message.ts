import type { Message } from "@syszap/contracts";
import type { CompanyUnit, Database } from "@syszap/database";
import type { Doorbell } from "./doorbell.ts";
import { notFound, ProblemError } from "./problem.ts";

export interface OutgoingText {
  companyId: string;
  userId: string;
  chatId: string;
  body: string;
  idempotencyKey: string | undefined;
}
export type SendMessage = (text: OutgoingText) => Promise<Message>;

/** Resolves when the text is stored and told of; it is sent by the session's owner. The same key and text is one message. */
export const createSendMessage =
  (database: Database, doorbell: Doorbell): SendMessage =>
  async ({ companyId, ...text }) => {
    const message = await database.withCompany(companyId, (unit) => queue(unit, text));
    // Also for a repeated request: its first ring may be what was lost.
    if (message.status === "queued") doorbell.ring({ companyId, sessionId: message.sessionId });
    return message;
  };

async function queue(unit: CompanyUnit, text: Omit<OutgoingText, "companyId">): Promise<Message> {
  const { chats, clients, emit, messages, sessions } = unit;
  const chat = await chats.find(text.chatId);
  if (!chat) throw notFound("chat");
  if (!(await sessions.find(chat.sessionId)))
    throw new ProblemError("conflict", "The session of this chat was removed: nothing can be sent here any more.");
  const queued = await messages.insertQueued(text);
  if (!queued) throw notFound("chat");
  const { message } = queued;
  if (!queued.isNew) return message;
  // First the client, then the chat, as the worker does it: else the two could deadlock.
  const client = await clients.touch(chat.client.id, new Date(message.timestamp));
  const changed = await chats.recordMessage(message);
  emit.newMessage(message, changed);
  if (client) emit.clientUpdate(client);
  emit.chatUpdate(changed);
  return message;
}
