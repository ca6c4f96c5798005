import type { MessageJob } from "@syszap/contracts";
import { type CompanyUnit, chatKeyOf } from "@syszap/database";

/** The statements of `message-worker` for new messages, in the same order. */
export async function storeMessages(unit: CompanyUnit, jobs: readonly MessageJob[]): Promise<void> {
  unit.pendingFacts.lock(...jobs);
  const contacts = jobs.flatMap(({ client, timestampMs }) =>
    client ? [{ ...client, contactAt: new Date(timestampMs) }] : [],
  );
  const { touches, keyed, chats } = await unit.clientResolver.resolve(contacts, async (ids) => {
    const keyed = jobs.map((job, at) => ({ ...job, clientId: ids[at] ?? "" }));
    const [touches, known] = await Promise.all([
      unit.clientResolver.touchAll(ids, contacts),
      unit.chatRecorder.lockAll(keyed),
    ]);
    return touches && { touches, keyed, chats: await unit.chatRecorder.completeAll(keyed, known) };
  });
  const [messages] = await Promise.all([
    unit.messages.insertAllOnce(
      keyed.map((job) => ({
        ...{ ...job, status: null, mediaId: null },
        chatId: chats.get(chatKeyOf(job))?.id ?? "",
      })),
    ),
    unit.pendingFacts.take(...jobs),
  ]);
  const stored = messages.flatMap((message) => (message ? [{ message }] : []));
  const recorded = await unit.chatRecorder.recordAll(stored, chats.values());
  for (const [at, { message }] of stored.entries()) {
    const [touched, chat] = [touches[at], recorded[at]];
    if (!touched || !chat) continue;
    unit.emit.clientUpdate(touched.client);
    unit.emit.newMessage(message, chat);
    unit.emit.chatUpdate(chat);
  }
}
