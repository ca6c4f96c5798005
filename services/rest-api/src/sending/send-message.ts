import type { Message, SendMessageRequest } from "@syszap/contracts";
import type { CompanyUnit, Database } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";
import { notFound, ProblemError } from "../problem.ts";
import { checkTarget, orderOf } from "./outbound-operation.ts";

export interface SendRequest {
  companyId: string;
  userId: string;
  chatId: string;
  request: SendMessageRequest;
  idempotencyKey: string | undefined;
}
export type SendMessage = (asked: SendRequest) => Promise<Message>;

interface SendMessageDependencies {
  database: Database;
  publisher: Pick<Publisher, "command">;
  log: Logger;
}

/**
 * Queues a message and resolves once the row is committed. The connector that owns the session sends it. Repeating a request
 * with the same idempotency key yields the same row.
 */
export function createSendMessage({ database, publisher, log }: SendMessageDependencies): SendMessage {
  return async ({ companyId, ...asked }) => {
    const message = await database.withCompany(companyId, (unit) => queue(unit, asked));
    if (message.status !== "queued") return message;
    const { sessionId } = message;
    // Repeated requests signal again, in case the first signal was lost. Not awaited: the answer does not depend on Redis.
    publisher.command(companyId, { kind: "send_queued", sessionId }).catch((err: unknown) => {
      log.warn({ err, sessionId }, "could not signal the session: the sweeper will");
    });
    return message;
  };
}

async function queue(unit: CompanyUnit, asked: Omit<SendRequest, "companyId">): Promise<Message> {
  const { chats, outboundQueue, sessions } = unit;
  const { request, ...by } = asked;
  const chat = await chats.find(asked.chatId);
  if (!chat) throw notFound("chat");
  if (!(await sessions.find(chat.sessionId)))
    throw new ProblemError("conflict", "The session of this chat was removed: nothing can be sent here any more.");
  const order = await orderOf(unit, request);
  const queued = await outboundQueue.add({ ...by, chatId: chat.id, ...order });
  if (!queued) throw notFound("chat");
  const { message } = queued;
  if (!queued.isNew) return message;
  // Of what is new only: a repeated request is answered as the first was, however late. A refusal takes the row back.
  await checkTarget(unit, chat.id, order);
  if (!order.changes) await tell(unit, message, chat.client.id);
  return message;
}

/** What changes another message is told once WhatsApp took it: until then nothing changed. */
async function tell({ chatRecorder, clients, emit }: CompanyUnit, message: Message, clientId: string): Promise<void> {
  // First the client, then the chat, as the worker does it: else the two could deadlock.
  const client = await clients.touch(clientId, new Date(message.timestamp));
  const changed = await chatRecorder.recordMessage(message);
  emit.newMessage(message, changed);
  if (client) emit.clientUpdate(client);
  emit.chatUpdate(changed);
}
