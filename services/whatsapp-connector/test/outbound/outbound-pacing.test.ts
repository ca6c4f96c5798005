import { randomUUID } from "node:crypto";
import type { PacingCause } from "@syszap/contracts";
import { expect } from "vitest";
import { SendError } from "../../src/engines/contract/engine.ts";
import { bodiesSent, connected, signalQueued, statusOf } from "../support/outbound.ts";
import { ScriptedEngine } from "../support/scripted-engine.ts";
import { type TestEnvironment, test } from "../support/test-environment.ts";

const told = (environment: TestEnvironment, cause: PacingCause | undefined) =>
  environment.event("session_pacing", ({ data }) => data.cause === cause);
/** Moves the recorded attempts into the past, as if `interval` had passed. */
const later = async (environment: TestEnvironment, interval: string) => {
  await environment.sql(`update session_sends set sent_at = sent_at - interval '${interval}'`);
  await environment.sql(`update session_pacing set open_until = open_until - interval '${interval}'`);
};
const pacingOf = (environment: TestEnvironment, companyId: string, sessionId: string) =>
  environment.db.withCompany(companyId, ({ pacing }) => pacing.read(sessionId));
const answers = (
  environment: TestEnvironment,
  companyId: string,
  { id: chatId, sessionId }: { id: string; sessionId: string },
) =>
  environment.db.withCompany(companyId, ({ messages }) =>
    messages.insertOnce({
      ...{ chatId, sessionId, direction: 0, waKey: randomUUID(), kind: "text", body: "oi", status: null },
      ...{ mediaId: null, timestampMs: Date.now(), generation: 1, receipt: 1 },
    }),
  );

test("keeps the minimum gap between two messages, also of different chats", async ({ environment }) => {
  const limits = { perHour: 100, coldPerDay: 0 }; // with a limit, each attempt is recorded with the database's clock
  const { queue, companyId, sessionId } = await connected(environment, { minimumGapMs: 150, gapJitterMs: 20, limits });
  const { queue: queueElsewhere } = await environment.chat(companyId, sessionId, "5511960001843");
  const messages = [await queue("um"), await queueElsewhere("dois"), await queue("três")];
  await signalQueued(environment, sessionId);
  for (const { id } of messages) await statusOf(environment, id, "sent");
  const tooShort = await environment.sql(`
    select gap from (select sent_at - lag(sent_at) over (order by sent_at) as gap from session_sends) as gaps
    where gap < interval '150 milliseconds'`);
  expect(tooShort).toEqual([]);
  expect(await environment.sql("select from session_sends")).toHaveLength(3);
});

test("holds messages above the hourly budget, publishes it, and continues when the hour has passed, also after a failover", async ({
  environment,
}) => {
  const limits = { perHour: 2, coldPerDay: 0 };
  const { engine, queue, companyId, sessionId, connector } = await connected(environment, { limits });
  const [first, second, third] = [await queue("um"), await queue("dois"), await queue("três")];
  await signalQueued(environment, sessionId);
  await statusOf(environment, first.id, "sent");
  await statusOf(environment, second.id, "sent");
  const { event, audience } = await told(environment, "hourly_budget");
  expect(audience).toEqual({ kind: "company" });
  expect(event.data).toMatchObject({ sessionId, state: "exhausted", remaining: 0 });
  const pacing = await pacingOf(environment, companyId, sessionId);
  expect(pacing).toMatchObject({ waiting: 1, hourly: { used: 2 }, resetsAt: event.data.resetsAt });

  await connector.stop();
  const next = new ScriptedEngine();
  await environment.connector("b", { engines: { simulator: next.create }, times: { outbound: { limits } } });
  await told(environment, "hourly_budget"); // published by the new owner after its first claim
  expect(next.asked.all).toEqual([]);
  await later(environment, "61 minutes");
  await signalQueued(environment, sessionId);
  await statusOf(environment, third.id, "sent");
  await told(environment, undefined);
  expect([bodiesSent(engine), bodiesSent(next)]).toEqual([["um", "dois"], ["três"]]);
});

test("continues by itself when the budget has room", async ({ environment }) => {
  const limits = { perHour: 1, coldPerDay: 0 };
  const { queue, sessionId } = await connected(environment, { limits });
  const [first, second] = [await queue("um"), await queue("dois")];
  const almostFree = "update session_sends set sent_at = clock_timestamp() - interval '59 minutes 59.5 seconds'";
  await signalQueued(environment, sessionId);
  await statusOf(environment, first.id, "sent");
  await told(environment, "hourly_budget");
  await environment.sql(almostFree);
  await signalQueued(environment, sessionId); // the next claim computes the remaining wait
  await statusOf(environment, second.id, "sent");
});

test("holds first messages to strangers by their own budget, while answers pass, until the stranger answers", async ({
  environment,
}) => {
  const { engine, companyId, sessionId, chat, queue } = await connected(environment, {
    limits: { perHour: 0, coldPerDay: 1 },
  });
  const stranger = await environment.chat(companyId, sessionId, "5511960001843");
  const known = await environment.chat(companyId, sessionId, "5511960001844");
  await answers(environment, companyId, { ...known.chat, sessionId });
  const cold = await queue("primeiro contato");
  const waiting = await stranger.queue("segundo contato");
  const answer = await known.queue("resposta");
  await signalQueued(environment, sessionId);
  await statusOf(environment, cold.id, "sent");
  await statusOf(environment, answer.id, "sent");
  expect((await told(environment, "cold_budget")).event.data).toMatchObject({ state: "slowed", remaining: null });
  expect(bodiesSent(engine)).toEqual(["primeiro contato", "resposta"]);
  await answers(environment, companyId, { ...stranger.chat, sessionId });
  await signalQueued(environment, sessionId); // as the sweeper does
  await statusOf(environment, waiting.id, "sent");
  expect(chat.id).not.toBe(stranger.chat.id);
});

test("opens the circuit breaker after consecutive failures, probes with one message, and closes it on success", async ({
  environment,
}) => {
  const breaker = { afterFailures: 3, firstMs: 60_000, maxMs: 120_000 };
  const { engine, queue, companyId, sessionId } = await connected(environment, { breaker });
  let isDown = true;
  engine.onSend = async () => {
    if (isDown) throw new SendError("the line is dead", "transient");
  };
  const first = await queue("um");
  const second = await (await environment.chat(companyId, sessionId, "5511960001843")).queue("dois");
  await signalQueued(environment, sessionId);
  const { event } = await told(environment, "failures");
  expect(event.data).toMatchObject({ state: "slowed", resetsAt: expect.any(String) });
  expect(bodiesSent(engine)).toHaveLength(3);
  await signalQueued(environment, sessionId);
  const { breaker: open } = await pacingOf(environment, companyId, sessionId);
  expect(open).toMatchObject({ state: "open", failures: 3, reason: "the line is dead" });

  await later(environment, "61 seconds"); // the probe fails
  await signalQueued(environment, sessionId);
  await expect.poll(async () => (await pacingOf(environment, companyId, sessionId)).breaker.failures).toBe(4);
  expect(bodiesSent(engine)).toHaveLength(4);

  isDown = false;
  await later(environment, "121 seconds");
  await signalQueued(environment, sessionId);
  for (const { id } of [first, second]) await statusOf(environment, id, "sent");
  await told(environment, undefined);
  expect((await pacingOf(environment, companyId, sessionId)).breaker).toMatchObject({ state: "closed", failures: 0 });
});

test("does not count a permanently refused message as a connection failure", async ({ environment }) => {
  const { engine, queue, companyId, sessionId } = await connected(environment, {
    breaker: { afterFailures: 1, firstMs: 60_000, maxMs: 60_000 },
  });
  engine.onSend = async ({ body }) => {
    if (body === "para ninguém") throw new SendError("there is no WhatsApp on this number", "permanent");
  };
  const refused = await queue("para ninguém");
  const next = await queue("para alguém");
  await signalQueued(environment, sessionId);
  await statusOf(environment, refused.id, "failed");
  await statusOf(environment, next.id, "sent");
  expect((await pacingOf(environment, companyId, sessionId)).breaker.failures).toBe(0);
});

test("with human pacing, marks the chat as read and shows typing once before the message, for a bounded time", async ({
  environment,
}) => {
  const { engine, queue, sessionId, chat } = await connected(environment, {
    humanPacing: { perCharacterMs: 1_000, leastMs: 10, mostMs: 60 },
  });
  let isFirst = true;
  engine.onSend = async () => {
    if (isFirst) {
      isFirst = false;
      throw new SendError("no connection", "transient");
    }
  };
  const order: string[] = [];
  void engine.calls.next(({ what }) => what === "setTyping").then(() => order.push("typing"));
  void engine.asked.next(({ what }) => what === "send").then(() => order.push("send"));
  const message = await queue("um texto que levaria minutos para digitar");
  await signalQueued(environment, sessionId);
  await statusOf(environment, message.id, "sent");
  const shown = engine.calls.all.filter(({ what }) => what === "markRead" || what === "setTyping");
  expect(shown).toEqual([
    { what: "markRead", args: [chat.waChatId] },
    { what: "setTyping", args: [chat.waChatId, "composing"] },
  ]);
  expect(order).toEqual(["typing", "send"]);
});

test("sends the message although human pacing fails", async ({ environment }) => {
  const { engine, queue, sessionId } = await connected(environment, {
    humanPacing: { perCharacterMs: 0, leastMs: 0, mostMs: 0 },
  });
  engine.onCall = async () => {
    throw new Error("the page does not answer");
  };
  const message = await queue("oi");
  await signalQueued(environment, sessionId);
  await statusOf(environment, message.id, "sent");
});
