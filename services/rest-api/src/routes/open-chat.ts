import type { Database } from "@syszap/database";
import type { HandlersOf } from "../endpoint.ts";
import { notFound } from "../problem.ts";

/** Begins a talk that no customer began: from a contact card, say. */
export const openChatRoutes = (database: Database): HandlersOf<"openChat"> => ({
  openChat: async ({ body, caller }) => {
    const { sessionId, number, name = null } = body;
    const chat = await database.withCompany(caller.companyId, async ({ chats, sessions }) =>
      (await sessions.find(sessionId)) ? chats.open({ sessionId, number, name }) : undefined,
    );
    if (!chat) throw notFound("session");
    return chat;
  },
});
