import { expect } from "vitest";
import { SendError } from "../../src/engines/contract/engine.ts";
import { connected, redisConnections, signalQueued, statusOf } from "../support/outbound.ts";
import { ScriptedEngine } from "../support/scripted-engine.ts";
import { test } from "../support/test-environment.ts";

const sent = (engine: ScriptedEngine) => engine.asked.next(({ what }) => what === "send");

test("a signal sends every queued message once, oldest first", async ({ environment }) => {
  const { engine, queue, sessionId } = await connected(environment);
  const messages = [await queue("um"), await queue("dois"), await queue("três")];
  await signalQueued(environment, sessionId);
  for (const message of messages) await statusOf(environment, message.id, "sent");
  const bodies = engine.asked.all.map(({ message }) => (message as { body?: string }).body);
  expect(bodies).toEqual(["um", "dois", "três"]);
});

test("messages that were queued while the session was not connected are sent at the next connect, without a signal", async ({
  environment,
}) => {
  const companyId = await environment.company();
  const { id: sessionId } = await environment.session(companyId);
  const { queue } = await environment.chat(companyId, sessionId);
  const message = await queue("de ontem");
  const engine = new ScriptedEngine();
  await environment.connector("a", { engines: { simulator: engine.create } });
  await statusOf(environment, message.id, "sent");
});

test("sends nothing while the phone is not connected", async ({ environment }) => {
  const { engine, queue, sessionId } = await connected(environment);
  engine.emit().state("reconnecting");
  await environment.status(sessionId, "reconnecting");
  const message = await queue("espera");
  await signalQueued(environment, sessionId);
  expect(engine.asked.all).toEqual([]);
  engine.emit().state("connected");
  await environment.status(sessionId, "connected");
  await statusOf(environment, message.id, "sent");
  expect(engine.asked.all).toHaveLength(1);
});

test("fails a message to a number without WhatsApp with the reason, and sends the next one", async ({
  environment,
}) => {
  const { engine, queue, sessionId, companyId } = await connected(environment);
  engine.onSend = async ({ body }) => {
    if (body === "para ninguém") throw new SendError("there is no WhatsApp on this number", "permanent");
  };
  const [failing, next] = [await queue("para ninguém"), await queue("para alguém")];
  await signalQueued(environment, sessionId);
  const { event } = await statusOf(environment, failing.id, "failed");
  expect(event.data.Reason).toBe("there is no WhatsApp on this number");
  await statusOf(environment, next.id, "sent");
  const stored = await environment.db.withCompany(companyId, ({ messages }) => messages.find(failing.id));
  expect(stored).toMatchObject({ status: "failed", failureReason: "there is no WhatsApp on this number" });
});

test("retries a message under its own key, and sends no later message of the chat before it", async ({
  environment,
}) => {
  const { engine, queue, sessionId } = await connected(environment);
  let failures = 2;
  engine.onSend = async ({ body }) => {
    if (body === "um" && failures-- > 0) throw new SendError("no connection", "transient");
  };
  const [first, second] = [await queue("um"), await queue("dois")];
  await signalQueued(environment, sessionId);
  await statusOf(environment, second.id, "sent");
  await statusOf(environment, first.id, "sent");
  const sends = engine.asked.all.filter(({ what }) => what === "send");
  expect(sends.map(({ message }) => (message as { body?: string }).body)).toEqual(["um", "um", "um", "dois"]);
  expect(new Set(sends.slice(0, 3).map(({ message }) => message.waKey)).size).toBe(1);
});

test("asks the engine before a second attempt, and does not send an accepted message again", async ({
  environment,
}) => {
  const { engine, queue, sessionId } = await connected(environment);
  engine.onSend = async () => {
    throw new SendError("the answer was lost", "transient");
  };
  engine.onFind = () => "accepted";
  const message = await queue("uma vez só");
  await signalQueued(environment, sessionId);
  await statusOf(environment, message.id, "sent");
  expect(engine.asked.all.map(({ what }) => what)).toEqual(["send", "find"]);
  expect(new Set(engine.asked.all.map(({ message: { waKey } }) => waKey)).size).toBe(1);
});

test("neither repeats nor passes a message that WhatsApp has not acknowledged yet", async ({ environment }) => {
  const { engine, queue, sessionId } = await connected(environment);
  engine.onSend = async ({ body }) => {
    if (body === "um") throw new SendError("the answer was lost", "transient");
  };
  const fates = ["pending", "pending", "accepted"] as const;
  let asked = 0;
  engine.onFind = () => fates[asked++] ?? "accepted";
  const [first, second] = [await queue("um"), await queue("dois")];
  await signalQueued(environment, sessionId);
  await statusOf(environment, first.id, "sent");
  await statusOf(environment, second.id, "sent");
  expect(engine.asked.all.map(({ what }) => what)).toEqual(["send", "find", "find", "find", "send"]);
});

test("fails a message after the last attempt with a dead letter, and sends the following ones", async ({
  environment,
}) => {
  const { engine, queue, sessionId, companyId } = await connected(environment, { maxAttempts: 3 });
  engine.onSend = async ({ body }) => {
    if (body === "nunca") throw new SendError("no connection", "transient");
  };
  const [stuck, next] = [await queue("nunca"), await queue("depois")];
  await signalQueued(environment, sessionId);
  const { event } = await statusOf(environment, stuck.id, "failed");
  expect(event.data.Reason).toBe("no connection");
  await statusOf(environment, next.id, "sent");
  const { items } = await environment.db.withCompany(companyId, ({ deadLetters }) => deadLetters.list({ limit: 10 }));
  expect(items).toMatchObject([
    { queue: "outbound-messages", jobName: "send", jobId: stuck.id, reason: "no connection", attempts: 3, companyId },
  ]);
  const [letter] = await environment.sql("select payload from dead_letters");
  const { id: messageId, chatId } = stuck;
  expect(JSON.parse(String(letter?.payload))).toEqual({ messageId, chatId, sessionId });
});

test("ends a send that hangs at its timeout, and retries it", async ({ environment }) => {
  const { engine, queue, sessionId } = await connected(environment, { sendTimeoutMs: 30 });
  let isFirst = true;
  engine.onSend = async () => {
    if (isFirst) {
      isFirst = false;
      await new Promise<never>(() => undefined);
    }
  };
  const message = await queue("oi?");
  await signalQueued(environment, sessionId);
  await statusOf(environment, message.id, "sent");
  expect(engine.asked.all.map(({ what }) => what)).toEqual(["send", "find", "send"]);
});

test("sends nothing more after the lease was lost", async ({ environment }) => {
  const { engine, queue, sessionId, companyId } = await connected(environment);
  await environment.expireLease(sessionId);
  const message = await queue("não daqui");
  await signalQueued(environment, sessionId);
  const next = new ScriptedEngine();
  await environment.connector("next", { engines: { simulator: next.create }, times: { lease: { trustAfterMs: 0 } } });
  await statusOf(environment, message.id, "sent");
  await sent(next);
  expect(engine.asked.all).toEqual([]);
  await expect.poll(async () => (await environment.find(companyId, sessionId))?.detail).toBe("connected");
});

test("enqueues the receipts of the simulated phone as jobs", async ({ environment }) => {
  const companyId = await environment.company();
  await environment.connector("a");
  const { id: sessionId } = await environment.session(companyId);
  await environment.status(sessionId, "connected");
  const { queue } = await environment.chat(companyId, sessionId);
  const message = await queue("Olá!");
  await signalQueued(environment, sessionId);
  await statusOf(environment, message.id, "sent");
  environment.takeJobs();
  const receipts = [await environment.job("ack"), await environment.job("ack"), await environment.job("ack")];
  expect(receipts.map(({ data }) => data.status)).toEqual(["sent", "delivered", "read"]);
});

test("the number of Redis connections does not grow with the number of sessions", async ({ environment }) => {
  const companyId = await environment.company();
  await environment.connector("a");
  const connect = async (count: number) => {
    for (let started = 0; started < count; started += 1) {
      const { id } = await environment.session(companyId);
      await environment.status(id, "connected");
    }
    return redisConnections(environment);
  };
  const withOne = await connect(1);
  expect(await connect(5)).toBe(withOne);
});
