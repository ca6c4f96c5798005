import { randomUUID } from "node:crypto";
import type { PacingCause } from "@syszap/contracts";
import { expect } from "vitest";
import { SendError } from "../../src/engines/contract/engine.ts";
import { bodiesSent, connected, signalQueued, statusOf } from "../support/outbound.ts";
import { ScriptedEngine } from "../support/scripted-engine.ts";
import { test, type World } from "../support/world.ts";

const told = (world: World, cause: PacingCause | undefined) =>
  world.event("session_pacing", ({ data }) => data.cause === cause);
/** Moves the recorded attempts into the past, as if `interval` had passed. */
const later = async (world: World, interval: string) => {
  await world.sql(`update session_sends set sent_at = sent_at - interval '${interval}'`);
  await world.sql(`update session_pacing set open_until = open_until - interval '${interval}'`);
};
const pacingOf = (world: World, companyId: string, sessionId: string) =>
  world.db.withCompany(companyId, ({ pacing }) => pacing.read(sessionId));
const answers = (world: World, companyId: string, { id: chatId, sessionId }: { id: string; sessionId: string }) =>
  world.db.withCompany(companyId, ({ messages }) =>
    messages.insertOnce({
      ...{ chatId, sessionId, direction: 0, waKey: randomUUID(), kind: "text", body: "oi", status: null },
      ...{ mediaId: null, timestampMs: Date.now(), generation: 1, receipt: 1 },
    }),
  );

test("keeps the minimum gap between two messages, also of different chats", async ({ world }) => {
  const limits = { perHour: 100, coldPerDay: 0 }; // with a limit, each attempt is recorded with the database's clock
  const { queue, companyId, sessionId } = await connected(world, { minimumGapMs: 150, gapJitterMs: 20, limits });
  const { queue: queueElsewhere } = await world.chat(companyId, sessionId, "5511960001843");
  const messages = [await queue("um"), await queueElsewhere("dois"), await queue("três")];
  await signalQueued(world, sessionId);
  for (const { id } of messages) await statusOf(world, id, "sent");
  const tooShort = await world.sql(`
    select gap from (select sent_at - lag(sent_at) over (order by sent_at) as gap from session_sends) as gaps
    where gap < interval '150 milliseconds'`);
  expect(tooShort).toEqual([]);
  expect(await world.sql("select from session_sends")).toHaveLength(3);
});

test("holds messages above the hourly budget, publishes it, and continues when the hour has passed, also after a failover", async ({
  world,
}) => {
  const limits = { perHour: 2, coldPerDay: 0 };
  const { engine, queue, companyId, sessionId, connector } = await connected(world, { limits });
  const [first, second, third] = [await queue("um"), await queue("dois"), await queue("três")];
  await signalQueued(world, sessionId);
  await statusOf(world, first.id, "sent");
  await statusOf(world, second.id, "sent");
  const { event, audience } = await told(world, "hourly_budget");
  expect(audience).toEqual({ kind: "company" });
  expect(event.data).toMatchObject({ sessionId, state: "exhausted", remaining: 0 });
  const pacing = await pacingOf(world, companyId, sessionId);
  expect(pacing).toMatchObject({ waiting: 1, hourly: { used: 2 }, resetsAt: event.data.resetsAt });

  await connector.stop();
  const next = new ScriptedEngine();
  await world.connector("b", { engines: { simulator: next.create }, times: { outbound: { limits } } });
  await told(world, "hourly_budget"); // published by the new owner after its first claim
  expect(next.asked.all).toEqual([]);
  await later(world, "61 minutes");
  await signalQueued(world, sessionId);
  await statusOf(world, third.id, "sent");
  await told(world, undefined);
  expect([bodiesSent(engine), bodiesSent(next)]).toEqual([["um", "dois"], ["três"]]);
});

test("continues by itself when the budget has room", async ({ world }) => {
  const limits = { perHour: 1, coldPerDay: 0 };
  const { queue, sessionId } = await connected(world, { limits });
  const [first, second] = [await queue("um"), await queue("dois")];
  const almostFree = "update session_sends set sent_at = clock_timestamp() - interval '59 minutes 59.5 seconds'";
  await signalQueued(world, sessionId);
  await statusOf(world, first.id, "sent");
  await told(world, "hourly_budget");
  await world.sql(almostFree);
  await signalQueued(world, sessionId); // the next claim computes the remaining wait
  await statusOf(world, second.id, "sent");
});

test("holds first messages to strangers by their own budget, while answers pass, until the stranger answers", async ({
  world,
}) => {
  const { engine, companyId, sessionId, chat, queue } = await connected(world, {
    limits: { perHour: 0, coldPerDay: 1 },
  });
  const stranger = await world.chat(companyId, sessionId, "5511960001843");
  const known = await world.chat(companyId, sessionId, "5511960001844");
  await answers(world, companyId, { ...known.chat, sessionId });
  const cold = await queue("primeiro contato");
  const waiting = await stranger.queue("segundo contato");
  const answer = await known.queue("resposta");
  await signalQueued(world, sessionId);
  await statusOf(world, cold.id, "sent");
  await statusOf(world, answer.id, "sent");
  expect((await told(world, "cold_budget")).event.data).toMatchObject({ state: "slowed", remaining: null });
  expect(bodiesSent(engine)).toEqual(["primeiro contato", "resposta"]);
  await answers(world, companyId, { ...stranger.chat, sessionId });
  await signalQueued(world, sessionId); // as the sweeper does
  await statusOf(world, waiting.id, "sent");
  expect(chat.id).not.toBe(stranger.chat.id);
});

test("opens the circuit breaker after consecutive failures, probes with one message, and closes it on success", async ({
  world,
}) => {
  const breaker = { afterFailures: 3, firstMs: 60_000, maxMs: 120_000 };
  const { engine, queue, companyId, sessionId } = await connected(world, { breaker });
  let isDown = true;
  engine.onSend = async () => {
    if (isDown) throw new SendError("the line is dead", "transient");
  };
  const first = await queue("um");
  const second = await (await world.chat(companyId, sessionId, "5511960001843")).queue("dois");
  await signalQueued(world, sessionId);
  const { event } = await told(world, "failures");
  expect(event.data).toMatchObject({ state: "slowed", resetsAt: expect.any(String) });
  expect(bodiesSent(engine)).toHaveLength(3);
  await signalQueued(world, sessionId);
  const { breaker: open } = await pacingOf(world, companyId, sessionId);
  expect(open).toMatchObject({ state: "open", failures: 3, reason: "the line is dead" });

  await later(world, "61 seconds"); // the probe fails
  await signalQueued(world, sessionId);
  await expect.poll(async () => (await pacingOf(world, companyId, sessionId)).breaker.failures).toBe(4);
  expect(bodiesSent(engine)).toHaveLength(4);

  isDown = false;
  await later(world, "121 seconds");
  await signalQueued(world, sessionId);
  for (const { id } of [first, second]) await statusOf(world, id, "sent");
  await told(world, undefined);
  expect((await pacingOf(world, companyId, sessionId)).breaker).toMatchObject({ state: "closed", failures: 0 });
});

test("does not count a permanently refused message as a connection failure", async ({ world }) => {
  const { engine, queue, companyId, sessionId } = await connected(world, {
    breaker: { afterFailures: 1, firstMs: 60_000, maxMs: 60_000 },
  });
  engine.onSend = async ({ body }) => {
    if (body === "para ninguém") throw new SendError("there is no WhatsApp on this number", "permanent");
  };
  const refused = await queue("para ninguém");
  const next = await queue("para alguém");
  await signalQueued(world, sessionId);
  await statusOf(world, refused.id, "failed");
  await statusOf(world, next.id, "sent");
  expect((await pacingOf(world, companyId, sessionId)).breaker.failures).toBe(0);
});

test("with human pacing, marks the chat as read and shows typing once before the message, for a bounded time", async ({
  world,
}) => {
  const { engine, queue, sessionId, chat } = await connected(world, {
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
  await signalQueued(world, sessionId);
  await statusOf(world, message.id, "sent");
  const shown = engine.calls.all.filter(({ what }) => what === "markRead" || what === "setTyping");
  expect(shown).toEqual([
    { what: "markRead", args: [chat.waChatId] },
    { what: "setTyping", args: [chat.waChatId, "composing"] },
  ]);
  expect(order).toEqual(["typing", "send"]);
});

test("sends the message although human pacing fails", async ({ world }) => {
  const { engine, queue, sessionId } = await connected(world, {
    humanPacing: { perCharacterMs: 0, leastMs: 0, mostMs: 0 },
  });
  engine.onCall = async () => {
    throw new Error("the page does not answer");
  };
  const message = await queue("oi");
  await signalQueued(world, sessionId);
  await statusOf(world, message.id, "sent");
});
