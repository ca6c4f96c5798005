import type { Message } from "@syszap/contracts";
import type { Database } from "@syszap/database";
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
    const message = await database.withCompany(companyId, async ({ chats, emit, messages, sessions }) => {
      const queued = await messages.insertQueued(text);
      if (!queued) throw notFound("chat");
      if (!queued.isNew) return queued.message;
      if (!(await sessions.find(queued.message.sessionId)))
        throw new ProblemError("conflict", "The session of this chat was removed: nothing can be sent here any more.");
      const chat = await chats.recordMessage(queued.message);
      emit.newMessage(queued.message, chat);
      emit.chatUpdate(chat);
      return queued.message;
    });
    // Also for a repeated request: its first ring may be what was lost.
    if (message.status === "queued") doorbell.ring({ companyId, sessionId: message.sessionId });
    return message;
  };
