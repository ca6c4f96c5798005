import type { Database } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";
import type { HandlersOf } from "../endpoint.ts";
import { notFound } from "../problem.ts";

interface ChatDependencies {
  database: Database;
  publisher: Publisher;
  log: Logger;
}

export const chatRoutes = ({
  database,
  publisher,
  log,
}: ChatDependencies): HandlersOf<"getInboxCounts" | "listChats" | "getChat" | "markChatRead" | "typeInChat"> => ({
  getInboxCounts: ({ caller }) => database.withPerson(caller, ({ chats }) => chats.counts()),

  listChats: ({ query, caller }) => database.withPerson(caller, ({ chats }) => chats.list(query)),

  getChat: async ({ params, caller }) => {
    const chat = await database.withPerson(caller, ({ chats }) => chats.find(params.id));
    if (!chat) throw notFound("chat");
    return chat;
  },

  markChatRead: async ({ params, caller }) => {
    const { companyId } = caller;
    const { chat, isChanged } = await database.withPerson(caller, async ({ chats, emit }) => {
      const found = await chats.find(params.id);
      if (!found) throw notFound("chat");
      const changed = await chats.markRead(found.id);
      if (changed) emit.chatUpdate(changed);
      return { chat: changed ?? found, isChanged: changed !== undefined };
    });
    if (isChanged) {
      const { id: chatId, sessionId } = chat;
      // Best effort: the read receipt for the client may be lost. The unread count of users is already stored.
      await publisher
        .command(companyId, { kind: "mark_read", sessionId, chatId })
        .catch((err: unknown) => log.warn({ err, chatId }, "could not mark a chat as read on WhatsApp"));
    }
    return chat;
  },

  typeInChat: async ({ params, body: { state }, caller }) => {
    const { companyId, userId } = caller;
    const chat = await database.withPerson(caller, ({ chats }) => chats.find(params.id));
    if (!chat) throw notFound("chat");
    await publisher.command(companyId, { kind: "typing", chatId: chat.id, state, userId });
    return undefined;
  },
});
