import { randomUUID } from "node:crypto";
import { queues, ringJobName, ringJobOptions } from "@syszap/contracts";
import { Queue } from "bullmq";
import { expect } from "vitest";
import { type Company, test, type World } from "./fixtures.ts";

/** A company's session with a chat to write into, and the queue that rings for its owner. */
async function outbox(world: World) {
  const acme = await world.openCompany();
  const { companyId, sessionId } = acme;
  const { userId } = await world.db.system.logins.createUser({
    ...{ companyId, email: `${randomUUID()}@example.com`, name: "Ana", role: "agent", passwordHash: "none" },
  });
  const chatId = await world.db.withCompany(companyId, async ({ clients, chats }) => {
    const { client } = await clients.touchFromMessage({ number: "5511988887777", name: null, contactAt: new Date() });
    return (await chats.upsert({ sessionId, waChatId: "5511988887777@c.us", clientId: client.id })).id;
  });
  const bell = new Queue(queues.outboundMessages(sessionId), { connection: world.redis });
  const queueRow = () =>
    world.db.withCompany(companyId, ({ messages }) => messages.insertQueued({ chatId, body: "oi", userId }));
  const ring = (times: number) =>
    Promise.all(Array.from({ length: times }, () => bell.add(ringJobName, { companyId, sessionId }, ringJobOptions)));
  return { ...acme, bell, queueRow, ring };
}
const remove = (world: World, { companyId, sessionId }: Company) =>
  world.db.withCompany(companyId, ({ sessions }) => sessions.remove(sessionId));

test("rings that piled up while nobody heard them become one, and it stays", async ({ world }) => {
  const { bell, queueRow, ring } = await outbox(world);
  const { sweeper } = await world.startWorker();
  await queueRow();
  await ring(5);
  for (let sweep = 0; sweep < 2; sweep++) await sweeper.rings.ringWaiting(0);
  expect(await bell.getWaitingCount()).toBe(1);
  await bell.close();
});

test("an old ring without a row is taken away; one with a row, or one just rung, stays", async ({ world }) => {
  const [orphan, wanted, fresh] = [await outbox(world), await outbox(world), await outbox(world)];
  const { sweeper } = await world.startWorker();
  await orphan.ring(3);
  await wanted.queueRow();
  await wanted.ring(1);
  await sweeper.rings.forgetUnheard(0);
  expect([await orphan.bell.getWaitingCount(), await wanted.bell.getWaitingCount()]).toEqual([0, 1]);
  await fresh.ring(1);
  await sweeper.rings.forgetUnheard();
  expect(await fresh.bell.getWaitingCount()).toBe(1);
  for (const { bell } of [orphan, wanted, fresh]) await bell.close();
});

test("a removed session leaves no queue behind", async ({ world }) => {
  const gone = await outbox(world);
  const { sweeper } = await world.startWorker();
  await gone.ring(2);
  await remove(world, gone);
  await gone.bell.close();
  await sweeper.rings.forgetUnheard(0);
  expect(await world.redis.keys(`bull:${queues.outboundMessages(gone.sessionId)}*`)).toEqual([]);
});

test("what was queued in a session while it was removed fails with the reason, and everybody hears it", async ({
  world,
}) => {
  const gone = await outbox(world);
  const queued = await gone.queueRow();
  await remove(world, gone);
  const { sweeper } = await world.startWorker();
  await sweeper.rings.failUnsendable();
  await sweeper.publishLate();
  const told = await gone.listener.next(({ type }) => type === "message_status");
  expect(told.data).toMatchObject({ Id: queued?.message.id, Status: "failed", Reason: "the session was removed" });
  await gone.bell.close();
});
