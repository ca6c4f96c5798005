import { randomUUID } from "node:crypto";
import { Publisher } from "@syszap/event-bus";
import { createLogger, createMetrics } from "@syszap/platform";
import { expect } from "vitest";
import { createWorkerMetrics } from "../src/metrics.ts";
import { OutboundSignals } from "../src/outbound-signals.ts";
import { type Company, type TestEnvironment, test } from "./fixtures.ts";

/** A company with a session, a chat of that session, and a way to queue messages in the chat. */
async function openOutbox(environment: TestEnvironment) {
  const company = await environment.openCompany();
  const { companyId, sessionId } = company;
  const { userId } = await environment.db.system.logins.createUser({
    companyId,
    email: `${randomUUID()}@example.com`,
    name: "Ana",
    role: "agent",
    passwordHash: "none",
  });
  const chatId = await environment.db.withCompany(companyId, async ({ clientResolver, chatRecorder }) => {
    const { client } = await clientResolver.touchFromMessage({
      number: "5511988887777",
      name: null,
      contactAt: new Date(),
    });
    return (await chatRecorder.upsert({ sessionId, waChatId: "5511988887777@c.us", clientId: client.id })).id;
  });
  const queueRow = () =>
    environment.db.withCompany(companyId, ({ outboundQueue }) => outboundQueue.add({ chatId, body: "oi", userId }));
  return { ...company, queueRow };
}

/** Without the rest of the sweeper, whose own rounds would signal too. */
function signalsOf(environment: TestEnvironment): OutboundSignals {
  const log = createLogger({ service: "test", level: "silent" });
  const metrics = createWorkerMetrics(createMetrics("message-worker"));
  return new OutboundSignals({ db: environment.db, publisher: new Publisher(environment.redis, log), metrics, log });
}

const remove = (environment: TestEnvironment, { companyId, sessionId }: Company) =>
  environment.db.withCompany(companyId, ({ sessions }) => sessions.remove(sessionId));

test("signals a session whose queued message waits too long, with each sweep while it waits", async ({
  environment,
}) => {
  const { companyId, sessionId, queueRow } = await openOutbox(environment);
  const commands = await environment.commandsOf(companyId);
  const signals = signalsOf(environment);
  await queueRow();
  await signals.signalWaiting(0);
  await signals.signalWaiting(0);
  const command = { kind: "send_queued", sessionId };
  expect(await commands.untilBarrier()).toEqual([command, command]);
  await environment.db.withCompany(companyId, ({ outboundQueue }) => outboundQueue.failAll(sessionId, "given up"));
  await signals.signalWaiting(0);
  expect(await commands.untilBarrier()).toEqual([]);
});

test("signals every session within some rounds, when there are more than one round inspects", async ({
  environment,
}) => {
  const outboxes = [await openOutbox(environment), await openOutbox(environment), await openOutbox(environment)];
  const commands = await Promise.all(outboxes.map(({ companyId }) => environment.commandsOf(companyId)));
  for (const { queueRow } of outboxes) await queueRow();
  const signals = signalsOf(environment);
  await signals.signalWaiting(0, 2);
  await signals.signalWaiting(0, 2);
  for (const [index, { sessionId }] of outboxes.entries())
    expect(await commands[index]?.untilBarrier()).toEqual([{ kind: "send_queued", sessionId }]);
});

test("does not signal a session whose messages were queued just now, or one without messages", async ({
  environment,
}) => {
  const [fresh, empty] = [await openOutbox(environment), await openOutbox(environment)];
  const commands = [await environment.commandsOf(fresh.companyId), await environment.commandsOf(empty.companyId)];
  await fresh.queueRow();
  await signalsOf(environment).signalWaiting(60_000);
  for (const each of commands) expect(await each.untilBarrier()).toEqual([]);
});

test("the periodic sweep repeats signals", async ({ environment }) => {
  const { companyId, sessionId, queueRow } = await openOutbox(environment);
  const commands = await environment.commandsOf(companyId);
  await queueRow();
  await environment.startWorker();
  expect(await commands.next()).toEqual({ kind: "send_queued", sessionId });
});

test("fails messages that were queued in a session while it was removed, and publishes the reason", async ({
  environment,
}) => {
  const removed = await openOutbox(environment);
  const queued = await removed.queueRow();
  await remove(environment, removed);
  const { sweeper } = await environment.startWorker();
  await sweeper.outbound.failUnsendable();
  await sweeper.publishLate();
  const event = await removed.events.next(({ type }) => type === "message_status");
  expect(event.data).toMatchObject({ Id: queued?.message.id, Status: "failed", Reason: "the session was removed" });
});
