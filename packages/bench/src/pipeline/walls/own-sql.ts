import type { MessageJob } from "@syszap/contracts";
import { type CompanyUnit, chatKeyOf, connectDatabase } from "@syszap/database";
import { nextMessages } from "../environment/next-messages.ts";
import type { WallCommand } from "./walls.ts";

const count = 16_000;
/** Batch size of the busy worker with this number of companies. */
const batchSize = 50;

/** The statements of `message-worker` for new messages, in the same order. */
async function store(unit: CompanyUnit, jobs: readonly MessageJob[]): Promise<void> {
  unit.pendingFacts.lock(...jobs);
  const contacts = jobs.map(({ client, timestampMs }) => ({ ...client, contactAt: new Date(timestampMs) }));
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
        chatId: chats.get(chatKeyOf(job.sessionId, job.clientId))?.id ?? "",
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

process.once("message", async ({ appUrl, systemUrl, tenants }: WallCommand) => {
  const publish = async () => undefined;
  const database = connectDatabase({ appUrl, systemUrl, maxConnections: tenants.length, isLookupsOnly: true, publish });
  const lines = tenants.map((tenant) => nextMessages([tenant], count / tenants.length));
  const startedAt = performance.now();
  await Promise.all(
    lines.map(async (jobs) => {
      for (let from = 0; from < jobs.length; from += batchSize) {
        const batch = jobs.slice(from, from + batchSize);
        await database.withCompany(batch[0]?.companyId ?? "", (unit) => store(unit, batch));
      }
    }),
  );
  const perSecond = count / ((performance.now() - startedAt) / 1_000);
  await database.close();
  process.send?.({ perSecond });
});
