import { expect } from "vitest";
import type { EngineFact, HistoryRequest } from "../../src/engines/contract/engine.ts";
import { emptyPage, ScriptedEngine } from "../support/scripted-engine.ts";
import { type TestEnvironment, test } from "../support/test-environment.ts";

const overlapMs = 600_000;
const dayMs = 86_400_000;
const client = { number: "5511912345678", name: "Bia" };
const messageFact = (waKey: string, timestampMs: number): EngineFact => ({
  kind: "message",
  ...{ waKey, timestampMs, client, waChatId: `${client.number}@c.us`, direction: 0, type: "text", body: "oi" },
  isHistory: false,
});
const quick = { recovery: { firstMs: 5, maxMs: 20 } };

/** A session that was linked long ago, with its newest received message at `newest`. */
async function linkedSession(
  environment: TestEnvironment,
  newest: Date | undefined,
  linkedAt = new Date(Date.now() - 30 * dayMs),
) {
  const companyId = await environment.company();
  const engine = new ScriptedEngine();
  const session = await environment.session(companyId, { isRunning: false });
  await environment.sql("update whatsapp_sessions set linked_at = $2 where id = $1", [session.id, linkedAt]);
  const { chat, queue } = await environment.chat(companyId, session.id);
  if (newest) {
    const about = { sessionId: session.id, direction: 0, waKey: "NEWEST", kind: "text", body: "oi" } as const;
    const received = { status: null, mediaId: null, timestampMs: newest.getTime(), generation: 1, receipt: 1 };
    await environment.db.withCompany(companyId, ({ messages }) =>
      messages.insertOnce({ ...about, ...received, chatId: chat.id }),
    );
  }
  const start = async (options: { overlapMs?: number } = {}) => {
    const connector = await environment.connector("a", {
      engines: { simulator: engine.create },
      times: { session: { ...quick, ...options } },
    });
    await environment.want(session, companyId, "running");
    return connector;
  };
  /** Bounds of the next read. */
  const reads = async () => {
    const { args } = await engine.calls.next(({ what }) => what === "readHistory");
    const { sinceMs, changesFromMs } = args[0] as HistoryRequest;
    return [sinceMs, changesFromMs];
  };
  const missedSince = async () => {
    const [row] = await environment.sql("select missed_since from whatsapp_sessions where id = $1", [session.id]);
    return row?.missed_since as Date | null;
  };
  return { companyId, session, engine, queue, start, reads, missedSince };
}

test("reads again from before the newest received message, regardless of messages sent since", async ({
  environment,
}) => {
  const newest = new Date(Date.now() - 3 * 3_600_000);
  const { start, reads, queue, missedSince } = await linkedSession(environment, newest);
  await queue("enviada por nós"); // a sent message does not count as received
  await start();
  expect(await reads()).toEqual([newest.getTime() - overlapMs, newest.getTime() - overlapMs - dayMs]);
  await expect.poll(missedSince).toBeNull();
});

test("does not read changes of messages from before the link", async ({ environment }) => {
  const linkedAt = new Date(Date.now() - 4 * 3_600_000);
  const newest = new Date(Date.now() - 3 * 3_600_000);
  const { start, reads } = await linkedSession(environment, newest, linkedAt);
  await start();
  expect(await reads()).toEqual([newest.getTime() - overlapMs, linkedAt.getTime()]);
});

test("retries a failed fetch from the same start until it succeeds", async ({ environment }) => {
  const newest = new Date(Date.now() - 3_600_000);
  const { start, reads, engine, missedSince } = await linkedSession(environment, newest);
  let failures = 0;
  engine.onReadHistory = async () => {
    failures += 1;
    if (failures < 3) throw new Error("the page went away");
    return emptyPage;
  };
  await start();
  const since = [(await reads())[0], (await reads())[0], (await reads())[0]];
  expect(since).toEqual(Array(3).fill(newest.getTime() - overlapMs));
  await expect.poll(missedSince).toBeNull();
});

test("continues an interrupted recovery from its start when another owner takes over", async ({ environment }) => {
  const newest = new Date(Date.now() - 5 * 3_600_000);
  const { start, reads, engine, missedSince, companyId, session } = await linkedSession(environment, newest);
  engine.onReadHistory = () => new Promise(() => undefined);
  const first = await start();
  await reads();
  expect(await missedSince()).toEqual(new Date(newest.getTime() - overlapMs));
  await first.stop();
  // A newer message is stored meanwhile.
  const { chat } = await environment.chat(companyId, session.id, "5511960001843");
  const received = { status: null, mediaId: null, timestampMs: Date.now(), generation: 1, receipt: 2 };
  await environment.db.withCompany(companyId, ({ messages }) =>
    messages.insertOnce({
      ...{ sessionId: session.id, direction: 0, waKey: "LATER", kind: "text", body: "oi", chatId: chat.id },
      ...received,
    }),
  );
  engine.onReadHistory = async () => emptyPage;
  await start();
  expect((await reads())[0]).toBe(newest.getTime() - overlapMs);
  await expect.poll(missedSince).toBeNull();
});

test("reads again from before the loss of the connection", async ({ environment }) => {
  const { start, reads, engine } = await linkedSession(environment, undefined);
  await start({ overlapMs: 1_000 });
  await reads();
  const lostAtMs = Date.now();
  engine.emit().state("reconnecting");
  engine.emit().state("connected");
  const [sinceMs] = await reads();
  expect(sinceMs).toBeLessThanOrEqual(lostAtMs - 1_000);
});

test("starts reading at the oldest fact that is not stored yet", async ({ environment }) => {
  const { start, reads, engine } = await linkedSession(environment, new Date());
  await start();
  await reads();
  const oldestMs = Date.now() - 7 * 3_600_000;
  engine.emit().fact(messageFact("OLD", oldestMs)); // no worker runs, so the fact stays in the spool
  engine.emit().state("reconnecting");
  engine.emit().state("connected");
  expect((await reads())[0]).toBe(oldestMs);
});

test("marks messages from before the link as history, also for an owner that did not link the phone", async ({
  environment,
}) => {
  const linkedAt = new Date(Date.now() - 3_600_000);
  const { start, engine, reads } = await linkedSession(environment, undefined, linkedAt);
  environment.takeJobs();
  await start();
  await reads();
  engine.emit().fact(messageFact("BEFORE", linkedAt.getTime() - 60_000));
  engine.emit().fact(messageFact("AFTER", linkedAt.getTime() + 1_000));
  const before = await environment.job("message", ({ waKey }) => waKey === "BEFORE");
  const after = await environment.job("message", ({ waKey }) => waKey === "AFTER");
  expect([before.data.isHistory, after.data.isHistory]).toEqual([true, false]);
});

/** Shows a code, links the phone with this number, and receives a message from an hour ago. */
async function relink(
  environment: TestEnvironment,
  of: Awaited<ReturnType<typeof linkedSession>>,
  phoneNumber: string,
) {
  environment.takeJobs();
  of.engine.onStart = (listener) => {
    listener.state("qr");
    listener.state("syncing");
    listener.state("connected", { phoneNumber });
  };
  await environment.sql("update whatsapp_sessions set linked_number = '5511911110001' where id = $1", [of.session.id]);
  await of.start();
  await environment.status(of.session.id, "connected");
  of.engine.emit().fact(messageFact("BEFORE", Date.now() - 3_600_000));
  return (await environment.job("message")).data.isHistory;
}

test("treats what arrived while the phone was unlinked as news when the same phone is linked again", async ({
  environment,
}) => {
  const linked = await linkedSession(environment, new Date(Date.now() - 7_200_000));
  expect(await relink(environment, linked, "5511911110001")).toBe(false);
  const [sinceMs = 0] = await linked.reads();
  expect(sinceMs).toBeLessThan(Date.now() - 7_200_000);
});

test("treats messages from before the link of another phone as history", async ({ environment }) => {
  const linked = await linkedSession(environment, new Date(Date.now() - 7_200_000));
  expect(await relink(environment, linked, "5511911110002")).toBe(true);
});

test("counts the facts of groups in a gap as skipped, like live ones", async ({ environment }) => {
  const newest = new Date(Date.now() - 3_600_000);
  const { start, engine, reads, missedSince } = await linkedSession(environment, newest);
  const inGroup = { ...messageFact("GROUP", Date.now()), waChatId: "120363000000000000@g.us" } as EngineFact;
  engine.onReadHistory = async () => ({ ...emptyPage, facts: [inGroup] });
  const connector = await start();
  await reads();
  await expect.poll(missedSince).toBeNull();
  const metrics = await (await fetch(`http://127.0.0.1:${connector.port}/metrics`)).text();
  expect(metrics).toMatch(/facts_skipped_total\{reason="group",.*\} 1/);
});
