import type { Database } from "@syszap/database";
import type { HandlersOf } from "../endpoint.ts";
import { notFound } from "../problem.ts";

/** Opens a chat with a number that has not written yet, for example from a contact card. */
export const openChatRoutes = (database: Database): HandlersOf<"openChat"> => ({
  openChat: async ({ body, caller }) => {
    const { sessionId, number, name = null } = body;
    const chat = await database.withPerson(caller, async ({ chats, sessions }) =>
      (await sessions.find(sessionId)) ? chats.open({ sessionId, number, name }) : undefined,
    );
    if (!chat) throw notFound("session");
    return chat;
  },
});
