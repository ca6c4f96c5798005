import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import type { EngineFact, HistoryPage, HistoryRequest } from "../../src/engines/contract/engine.ts";
import { ScriptedEngine } from "../support/scripted-engine.ts";
import { type TestEnvironment, test } from "../support/test-environment.ts";

const perPage = 5;
const times = { session: { recovery: { firstMs: 5, maxMs: 20 } }, confirmation: { everyMs: 20 } };

function messageFact(chat: string, index: number, timestampMs: number): EngineFact {
  const number = `55119${chat.padStart(8, "0")}`;
  return {
    kind: "message",
    ...{ waKey: `${chat}-${index}`, timestampMs, direction: 0, type: "text", body: "oi", isHistory: false },
    ...{ client: { number, name: null }, waChatId: `${number}@c.us` },
  };
}

/** An account whose chats have this many messages, read in pages of five. Counts reads that run at the same time. */
class Account {
  readonly engine = new ScriptedEngine();
  readonly requests: HistoryRequest[] = [];
  private readonly chats = new Map<string, EngineFact[]>();
  mostAtOnce = 0;
  private running = 0;
  /** Called before each read. */
  beforeRead: (request: HistoryRequest) => Promise<void> = async () => undefined;

  constructor(sizes: readonly number[]) {
    const newestMs = Date.now();
    for (const [index, size] of sizes.entries()) {
      const chat = String(index);
      this.chats.set(
        chat,
        Array.from({ length: size }, (_, at) => messageFact(chat, at, newestMs - (size - at) * 1_000)),
      );
    }
    this.engine.onListChats = async () =>
      [...this.chats].map(([chat, facts]) => ({ chat, newestMs: facts.at(-1)?.timestampMs ?? 0, unread: 0 }));
    this.engine.onReadHistory = (request) => this.read(request);
  }

  get keys(): string[] {
    return [...this.chats.values()].flat().map((fact) => (fact.kind === "message" ? fact.waKey : ""));
  }

  private async read(request: HistoryRequest): Promise<HistoryPage> {
    this.running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running);
    try {
      await this.beforeRead(request);
    } finally {
      this.running -= 1;
    }
    this.requests.push(request);
    const facts = this.chats.get(request.chat) ?? [];
    const end = request.before === null ? facts.length : Number(request.before);
    const start = Math.max(0, end - perPage);
    const isEnd = start === 0 || (facts[start]?.timestampMs ?? 0) < request.sinceMs;
    const wanted = facts.slice(start, end).filter(({ timestampMs }) => timestampMs >= request.sinceMs);
    return { facts: wanted, before: isEnd ? null : String(start), unread: 0 };
  }
}

/** A session that was linked a day ago, whose messages since then are missing, except the newest one. */
async function open(environment: TestEnvironment, sizes: readonly number[]) {
  const companyId = await environment.company();
  const account = new Account(sizes);
  const session = await environment.session(companyId, { isRunning: false });
  const linkedAt = new Date(Date.now() - 86_400_000);
  await environment.sql("update whatsapp_sessions set linked_at = $2, missed_since = $2 where id = $1", [
    session.id,
    linkedAt,
  ]);
  const { chat } = await environment.chat(companyId, session.id);
  const about = { sessionId: session.id, chatId: chat.id, direction: 0, waKey: "NEWEST", kind: "text" } as const;
  const received = { body: "", status: null, mediaId: null, timestampMs: Date.now(), generation: 1, receipt: 1 };
  await environment.db.withCompany(companyId, ({ messages }) => messages.insertOnce({ ...about, ...received }));
  const start = async () => {
    const connector = await environment.connector("a", { engines: { simulator: account.engine.create }, times });
    await environment.want(session, companyId, "running");
    return connector;
  };
  const recovery = async () =>
    (await environment.db.withCompany(companyId, ({ sessions }) => sessions.findDetails(session.id)))?.recovery;
  const ended = () => expect.poll(recovery, { timeout: 120_000 }).toBeNull();
  const stored = () =>
    environment.jobs.all.flatMap(({ name, data }) => (name === "message" && "waKey" in data ? [data.waKey] : []));
  return { account, session, start, recovery, ended, stored, companyId };
}

test("stores 6,000 messages of 2,000 chats, one read at a time, while live messages arrive", {
  timeout: 300_000,
}, async ({ environment }) => {
  const { account, start, recovery, ended, stored } = await open(environment, Array(2_000).fill(3));
  environment.takeJobs();
  let reads = 0;
  const live: string[] = [];
  account.beforeRead = async () => {
    reads += 1;
    if (reads % 300 !== 0) return;
    const waKey = randomUUID();
    account.engine.emit().fact({ ...messageFact("1", 0, Date.now()), waKey } as EngineFact);
    await environment.job("message", (job) => job.waKey === waKey); // a live message does not wait for the recovery
    live.push(waKey);
    expect(await recovery()).toMatchObject({ chats: 2_000 });
  };
  await start();
  await ended();
  expect(live.length).toBeGreaterThan(5);
  expect(stored().toSorted()).toEqual([...account.keys, ...live].toSorted());
  expect(account.mostAtOnce).toBe(1);
});

test("lets chats take turns, so that a long chat does not delay the short ones", async ({ environment }) => {
  const { account, start, ended } = await open(environment, [200, ...Array(20).fill(1)]);
  environment.takeJobs();
  await start();
  await ended();
  const firstOfShort = account.requests.slice(0, 21).filter(({ chat }) => chat !== "0");
  expect(firstOfShort).toHaveLength(20);
});

test("continues each chat where it was stored after a restart", async ({ environment }) => {
  const { account, start, ended, stored, recovery } = await open(environment, [1_200, 3]);
  environment.takeJobs();
  let isStuck = true;
  account.beforeRead = async ({ before }) => {
    if (isStuck && before !== null && Number(before) < 600) await new Promise(() => undefined);
  };
  const first = await start();
  await expect.poll(async () => (await recovery())?.facts ?? 0).toBeGreaterThan(400);
  await first.stop();
  isStuck = false;
  account.requests.length = 0;
  await start();
  await ended();
  expect(Number(account.requests[0]?.before)).toBeLessThan(800);
  const [{ sinceMs } = { sinceMs: 0 }] = account.requests; // a second gap began with the stop
  expect(account.requests.filter((request) => request.chat === "1" && request.sinceMs === sinceMs)).toEqual([]);
  expect(new Set(stored())).toEqual(new Set(account.keys));
});

test("keeps the gap open until every chat was read, whatever fails", async ({ environment }) => {
  const { account, start, ended, recovery, stored } = await open(environment, [7, 7, 7]);
  environment.takeJobs();
  let isBroken = true;
  account.beforeRead = async ({ chat }) => {
    if (isBroken && chat === "1") throw new Error("this chat cannot be read");
  };
  await start();
  await expect.poll(recovery).toMatchObject({ chats: 3, chatsDone: 2 });
  isBroken = false;
  await ended();
  expect(new Set(stored())).toEqual(new Set(account.keys));
});

test("keeps the gap open until its messages are stored", async ({ environment }) => {
  const { start, ended, recovery, account } = await open(environment, [3]);
  await start();
  await expect.poll(() => account.requests.length).toBe(1);
  expect(await recovery()).toMatchObject({ chats: 1, chatsDone: 0 }); // no worker runs
  environment.takeJobs();
  await ended();
});

test("reads a gap that begins during a recovery afterwards, from its own start", async ({ environment }) => {
  const { account, start, ended } = await open(environment, [12]);
  environment.takeJobs();
  let lostAtMs = 0;
  account.beforeRead = async () => {
    if (lostAtMs > 0) return;
    lostAtMs = Date.now();
    account.engine.emit().missed(lostAtMs);
  };
  await start();
  await ended();
  const starts = [...new Set(account.requests.map(({ sinceMs }) => sinceMs))];
  expect(starts).toHaveLength(2);
  expect(starts[1]).toBeGreaterThan(starts[0] ?? 0);
});

test("marks chats as read that were read on the phone meanwhile", async ({ environment }) => {
  const { account, start, ended, companyId, session } = await open(environment, [1]);
  environment.takeJobs();
  const newestMs = Math.floor(Date.now() / 1_000) * 1_000;
  const [read, unread, byLid, marked] = [1842, 1843, 1844, 1845].map((end) => `551196000${end}@c.us`) as string[];
  const chatsOfPhone = [read, unread, byLid, marked].filter((id) => id !== undefined);
  for (const waChatId of chatsOfPhone) {
    const { chat } = await environment.chat(companyId, session.id, waChatId.split("@")[0]);
    await environment.sql("update chats set unread_count = 2 where id = $1", [chat.id]);
  }
  account.engine.onListChats = async () => [
    { chat: read ?? "", newestMs, unread: 0 },
    { chat: unread ?? "", newestMs, unread: 1 },
    { chat: "88000000000001@lid", waChatId: byLid ?? "", newestMs, unread: 0 },
    { chat: marked ?? "", newestMs, unread: 0, isMarkedUnread: true },
  ];
  await start();
  const marks = [await environment.job("read"), await environment.job("read")].map(({ data }) => data);
  expect(marks).toMatchObject([read, byLid].map((waChatId) => ({ waChatId, timestampMs: newestMs + 999 })));
  await ended();
  expect(environment.jobs.all.filter(({ name }) => name === "read")).toHaveLength(2);
});

test("reads a group from when groups were switched on, and not at all while they are off", async ({ environment }) => {
  const { account, start, ended, companyId, session } = await open(environment, [1]);
  environment.takeJobs();
  const group = "120363000000000000@g.us";
  const own = account.engine.onListChats;
  account.engine.onListChats = async () => [...(await own()), { chat: group, newestMs: Date.now(), unread: 9 }];
  const first = await start();
  await ended();
  expect(account.requests.map(({ chat }) => chat)).toEqual(["0"]);
  await first.stop();
  account.requests.length = 0;
  await environment.db.withCompany(companyId, ({ sessions }) => sessions.setGroups(session.id, true));
  const settings = await environment.db.withCompany(companyId, ({ sessions }) => sessions.findSettings(session.id));
  await environment.sql("update whatsapp_sessions set missed_since = now() - interval '1 hour' where id = $1", [
    session.id,
  ]);
  await start();
  await expect.poll(() => account.requests.find(({ chat }) => chat === group)).toBeDefined();
  await ended();
  const sinceMs = settings?.groupsSince?.getTime();
  const ofGroup = account.requests.filter(({ chat }) => chat === group);
  expect(ofGroup).toEqual([{ chat: group, before: null, unread: 0, sinceMs, changesFromMs: sinceMs }]);
});
