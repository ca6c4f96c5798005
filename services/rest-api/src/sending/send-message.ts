import type { Message, SendMessageRequest } from "@syszap/contracts";
import type { CompanyUnit, Database } from "@syszap/database";
import type { Doorbell } from "../doorbell.ts";
import { notFound, ProblemError } from "../problem.ts";
import { checkTarget, orderOf } from "./order.ts";

export interface SendRequest {
  companyId: string;
  userId: string;
  chatId: string;
  request: SendMessageRequest;
  idempotencyKey: string | undefined;
}
export type SendMessage = (asked: SendRequest) => Promise<Message>;

/** Resolves when it is stored and told of; it is sent by the session's owner. The same key and request is one row. */
export const createSendMessage =
  (database: Database, doorbell: Doorbell): SendMessage =>
  async ({ companyId, ...asked }) => {
    const message = await database.withCompany(companyId, (unit) => queue(unit, asked));
    // Also for a repeated request: its first ring may be what was lost.
    if (message.status === "queued") doorbell.ring({ companyId, sessionId: message.sessionId });
    return message;
  };

async function queue(unit: CompanyUnit, asked: Omit<SendRequest, "companyId">): Promise<Message> {
  const { chats, messages, sessions } = unit;
  const { request, ...by } = asked;
  const chat = await chats.find(asked.chatId);
  if (!chat) throw notFound("chat");
  if (!(await sessions.find(chat.sessionId)))
    throw new ProblemError("conflict", "The session of this chat was removed: nothing can be sent here any more.");
  const order = await orderOf(unit, request);
  const queued = await messages.insertQueued({ ...by, chatId: chat.id, ...order });
  if (!queued) throw notFound("chat");
  const { message } = queued;
  if (!queued.isNew) return message;
  // Of what is new only: a repeated request is answered as the first was, however late. A refusal takes the row back.
  await checkTarget(unit, chat.id, order);
  if (!order.changes) await tell(unit, message, chat.client.id);
  return message;
}

/** What changes another message is told once WhatsApp took it: until then nothing changed. */
async function tell({ chats, clients, emit }: CompanyUnit, message: Message, clientId: string): Promise<void> {
  // First the client, then the chat, as the worker does it: else the two could deadlock.
  const client = await clients.touch(clientId, new Date(message.timestamp));
  const changed = await chats.recordMessage(message);
  emit.newMessage(message, changed);
  if (client) emit.clientUpdate(client);
  emit.chatUpdate(changed);
}
