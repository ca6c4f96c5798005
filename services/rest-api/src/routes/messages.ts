import type { Database } from "@syszap/database";
import type { HandlersOf } from "../endpoint.ts";
import { notFound, ProblemError } from "../problem.ts";
import type { SendMessage } from "../sending/send-message.ts";

export const messageRoutes = (
  database: Database,
  sendMessage: SendMessage,
): HandlersOf<"listMessages" | "sendMessage"> => ({
  listMessages: ({ params, query, caller }) => {
    const positions = [query.before, query.after, query.around, query.at].filter((each) => each !== undefined);
    if (positions.length > 1)
      throw new ProblemError("invalid", "Send only one of `before`, `after`, `around` and `at`.");
    return database.withPerson(caller, async ({ chats, messages }) => {
      const chat = await chats.find(params.id);
      if (!chat) throw notFound("chat");
      const page = await messages.list(chat.id, query);
      if (!page) throw notFound("message in this chat");
      return page;
    });
  },

  /** Answers 202 when the message is queued. The outcome follows as `message_status` events. */
  sendMessage: ({ params, headers, body, caller: { companyId, userId } }) =>
    sendMessage({
      companyId,
      userId,
      chatId: params.id,
      request: body,
      idempotencyKey: headers["idempotency-key"],
    }),
});
