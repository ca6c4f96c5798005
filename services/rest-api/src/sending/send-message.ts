import type { Chat, Message, SendMessageRequest } from "@syszap/contracts";
import type { CompanyUnit, Database } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import type { MediaStore } from "@syszap/media-store";
import type { Logger } from "@syszap/platform";
import { notFound, ProblemError } from "../problem.ts";
import { checkCapability } from "./engine-capability.ts";
import { checkTarget, toOutboundOperation } from "./outbound-operation.ts";

export interface SendRequest {
  companyId: string;
  userId: string;
  chatId: string;
  request: SendMessageRequest;
  idempotencyKey: string | undefined;
}
export type SendMessage = (request: SendRequest) => Promise<Message>;

interface SendMessageDependencies {
  database: Database;
  publisher: Pick<Publisher, "command">;
  store: Pick<MediaStore, "open">;
  log: Logger;
}

/**
 * Queues a message and resolves once the row is committed. The connector that owns the session sends it. Repeating a request
 * with the same idempotency key yields the same row.
 */
export function createSendMessage({ database, publisher, store, log }: SendMessageDependencies): SendMessage {
  return async ({ companyId, ...sendRequest }) => {
    const person = { companyId, userId: sendRequest.userId };
    const message = await database.withPerson(person, (unit) => queue(unit, store, sendRequest));
    if (message.status !== "queued") return message;
    const { sessionId } = message;
    // Repeated requests signal again, in case the first signal was lost. Not awaited: the answer does not depend on Redis.
    publisher.command(companyId, { kind: "send_queued", sessionId }).catch((err: unknown) => {
      log.warn({ err, sessionId }, "could not signal the session; the sweeper will retry");
    });
    return message;
  };
}

async function queue(
  unit: CompanyUnit,
  store: Pick<MediaStore, "open">,
  sendRequest: Omit<SendRequest, "companyId">,
): Promise<Message> {
  const { chats, outboundQueue, sessions } = unit;
  const { request, ...by } = sendRequest;
  const chat = await chats.find(sendRequest.chatId);
  if (!chat) throw notFound("chat");
  const session = await sessions.find(chat.sessionId);
  if (!session)
    throw new ProblemError("conflict", "The session of this chat was removed, so nothing can be sent here.");
  if (request.forward) {
    // The forwarded message may have been deleted since the first request.
    const forwards = request.forward.messageId;
    const first = await outboundQueue.findFirst({ ...by, chatId: chat.id, body: "", forwards });
    if (first) return first;
  }
  const operation = await toOutboundOperation(unit, request, store);
  const queued = await outboundQueue.add({ ...by, chatId: chat.id, ...operation });
  if (!queued) throw notFound("chat");
  const { message } = queued;
  if (!queued.isNew) return message;
  // Checked for new rows only: a repeated request gets the first answer, however late. An error rolls the row back.
  await checkGroup(unit, chat);
  checkCapability(session.engine, operation);
  await checkTarget(unit, chat.id, operation);
  if (!operation.changes) await emitNewMessage(unit, message, chat.client?.id);
  return message;
}

/** Rejects with 409 when nothing can be sent to the group of the chat. */
async function checkGroup({ sessions }: CompanyUnit, { group, sessionId }: Chat): Promise<void> {
  if (!group) return;
  if (!(await sessions.lockGroupsEnabled(sessionId)))
    throw new ProblemError("groups_off", "An owner or admin can switch groups on for this session.");
  if (!group.isMember) throw new ProblemError("not_a_member", "Somebody must add the number to the group again.");
}

/** Emits the events of a new message. Changes of other messages are emitted only after WhatsApp has accepted them. */
async function emitNewMessage(
  { chatRecorder, clients, emit }: CompanyUnit,
  message: Message,
  clientId: string | undefined,
): Promise<void> {
  // Locks the client before the chat, like the worker, to avoid deadlocks.
  const client = clientId === undefined ? undefined : await clients.touch(clientId, new Date(message.timestamp));
  const changed = await chatRecorder.recordMessage(message);
  emit.newMessage(message, changed);
  if (client) emit.clientUpdate(client);
  emit.chatUpdate(changed);
}
