import { randomUUID } from "node:crypto";
import { Publisher } from "@syszap/event-bus";
import { createLogger, createMetrics } from "@syszap/platform";
import { expect } from "vitest";
import { createWorkerMetrics } from "../src/metrics.ts";
import { OutboundSignals } from "../src/outbound-signals.ts";
import { type Company, test, type World } from "./fixtures.ts";

/** A company with a session, a chat of that session, and a way to queue messages in the chat. */
async function openOutbox(world: World) {
  const company = await world.openCompany();
  const { companyId, sessionId } = company;
  const { userId } = await world.db.system.logins.createUser({
    ...{ companyId, email: `${randomUUID()}@example.com`, name: "Ana", role: "agent", passwordHash: "none" },
  });
  const chatId = await world.db.withCompany(companyId, async ({ clientResolver, chatRecorder }) => {
    const { client } = await clientResolver.touchFromMessage({
      number: "5511988887777",
      name: null,
      contactAt: new Date(),
    });
    return (await chatRecorder.upsert({ sessionId, waChatId: "5511988887777@c.us", clientId: client.id })).id;
  });
  const queueRow = () =>
    world.db.withCompany(companyId, ({ outboundQueue }) => outboundQueue.add({ chatId, body: "oi", userId }));
  return { ...company, queueRow };
}

/** Without the rest of the sweeper, whose own rounds would signal too. */
function signalsOf(world: World): OutboundSignals {
  const log = createLogger({ service: "test", level: "silent" });
  const metrics = createWorkerMetrics(createMetrics("message-worker"));
  return new OutboundSignals({ db: world.db, publisher: new Publisher(world.redis, log), metrics, log });
}

const remove = (world: World, { companyId, sessionId }: Company) =>
  world.db.withCompany(companyId, ({ sessions }) => sessions.remove(sessionId));

test("signals a session whose queued message waits too long, with each sweep while it waits", async ({ world }) => {
  const { companyId, sessionId, queueRow } = await openOutbox(world);
  const commands = await world.commandsOf(companyId);
  const signals = signalsOf(world);
  await queueRow();
  await signals.signalWaiting(0);
  await signals.signalWaiting(0);
  const command = { kind: "send_queued", sessionId };
  expect(await commands.untilBarrier()).toEqual([command, command]);
  await world.db.withCompany(companyId, ({ outboundQueue }) => outboundQueue.failAll(sessionId, "given up"));
  await signals.signalWaiting(0);
  expect(await commands.untilBarrier()).toEqual([]);
});

test("does not signal a session whose messages were queued just now, or one without messages", async ({ world }) => {
  const [fresh, empty] = [await openOutbox(world), await openOutbox(world)];
  const commands = [await world.commandsOf(fresh.companyId), await world.commandsOf(empty.companyId)];
  await fresh.queueRow();
  await signalsOf(world).signalWaiting(60_000);
  for (const each of commands) expect(await each.untilBarrier()).toEqual([]);
});

test("the periodic sweep signals by itself", async ({ world }) => {
  const { companyId, sessionId, queueRow } = await openOutbox(world);
  const commands = await world.commandsOf(companyId);
  await queueRow();
  await world.startWorker();
  expect(await commands.next()).toEqual({ kind: "send_queued", sessionId });
});

test("fails messages that were queued in a session while it was removed, and publishes the reason", async ({
  world,
}) => {
  const removed = await openOutbox(world);
  const queued = await removed.queueRow();
  await remove(world, removed);
  const { sweeper } = await world.startWorker();
  await sweeper.outbound.failUnsendable();
  await sweeper.publishLate();
  const event = await removed.listener.next(({ type }) => type === "message_status");
  expect(event.data).toMatchObject({ Id: queued?.message.id, Status: "failed", Reason: "the session was removed" });
});
