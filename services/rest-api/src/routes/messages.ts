import type { Database } from "@syszap/database";
import type { HandlersOf } from "../endpoint.ts";
import { notFound } from "../problem.ts";
import type { SendMessage } from "../sending/send-message.ts";

export const messageRoutes = (
  database: Database,
  sendMessage: SendMessage,
): HandlersOf<"listMessages" | "sendMessage"> => ({
  listMessages: ({ params, query, caller }) =>
    database.withPerson(caller, async ({ chats, messages }) => {
      const chat = await chats.find(params.id);
      if (!chat) throw notFound("chat");
      return messages.listBefore(chat.id, query);
    }),

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
