import { keys } from "@syszap/contracts";
import { redisTest, startRedis } from "@syszap/testing";
import { expect, onTestFinished, test } from "vitest";
import { type PublishedRow, Replay } from "../src/index.ts";
import { windowMs, witnesses } from "../src/replay/witnesses.ts";
import { aChange, type Bus, changes, join, newCompany, openBus, silent } from "./recorder.ts";

const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000);

function opened(redisUrl: string) {
  const bus = openBus(redisUrl);
  onTestFinished(() => bus.close());
  const rows: PublishedRow[] = [];
  const replay = new Replay({ redis: bus.redis, publisher: bus.publisher, source: async () => [...rows], log: silent });
  const company = newCompany();
  /** As the outbox has it: published, and marked so long ago. */
  const publish = async (seconds: number, events = [aChange()]) => {
    await bus.publisher.publishDurable(company, events);
    rows.push({ companyId: company, events, publishedAt: ago(seconds) });
    return events.map(({ id }) => id);
  };
  return { ...bus, rows, replay, company, publish };
}

/** What a replica had when it was behind by the last `count` events. */
async function lose({ redis }: Bus, company: string, count: number): Promise<void> {
  const channel = `rt:{${company}}`;
  const entries = await redis.xrevrange(keys.log(channel), "+", "-", "COUNT", count + 1);
  const cursors = entries.map(([, fields]) => fields[1]?.split(" ") ?? []);
  for (const [id] of entries.slice(0, count)) await redis.xdel(keys.log(channel), id);
  const [, seq, link] = cursors.at(-1) ?? [];
  await redis.call("XSETID", keys.log(channel), `${seq}-0`);
  await redis.hset(keys.head(channel), { seq: seq ?? "", link: link ?? "" });
  for (const [eventId, cursor] of Object.entries(await redis.hgetall(keys.positions(channel))))
    if (Number.parseInt(cursor, 10) > Number(seq)) await redis.hdel(keys.positions(channel), eventId);
  await redis.del(keys.replayed);
}

redisTest("what a Redis lost is published again, once, and what survived stays as it is", async ({ redisUrl }) => {
  const scene = opened(redisUrl);
  const { publisher, subscribe, replay, company, publish } = scene;
  const { subscriber, recorder } = subscribe();
  await publish(40);
  const before = await publisher.head(company);
  const lost = [...(await publish(1)), ...(await publish(1, changes(3)))];
  await lose(scene, company, 4);
  await join(subscriber, company, before);
  await replay.look();
  await replay.look();
  await recorder.until(() => recorder.told.length >= lost.length);
  expect(recorder.told).toEqual(lost);
  const past = await join(subscriber, company, before);
  expect([past.recovered, past.missed.length]).toEqual([true, lost.length]);
});

redisTest("where even the oldest rows are gone the log begins anew, and everyone is told", async ({ redisUrl }) => {
  const scene = opened(redisUrl);
  const { publisher, subscribe, replay, company, publish, rows } = scene;
  await publish(300);
  const beforeAll = await publisher.head(company);
  const [lost] = await publish(120);
  rows.length = 0;
  await publish(40);
  await lose(scene, company, 2);
  const { subscriber, recorder } = subscribe();
  // Nothing looks wrong to whoever had not heard of them: the log ends where it was.
  expect(await join(subscriber, company, beforeAll)).toMatchObject({ recovered: true, missed: [] });
  await replay.look();
  await recorder.untilTold("resync");
  expect(recorder.told).not.toContain(lost);
  expect(await join(subscriber, company, beforeAll)).toMatchObject({ recovered: false });
  expect(await publisher.publishLost(company, rows[0]?.events ?? [])).toEqual([]);
});

redisTest("a Redis that was seen to is left alone, and a row that was marked late is not", async ({ redisUrl }) => {
  const { redis, publisher, company, rows } = opened(redisUrl);
  let reads = 0;
  const source = async () => {
    reads += 1;
    return [...rows];
  };
  const options = { redis, publisher, source, log: silent };
  await redis.del(keys.replayed);
  const replay = new Replay({ ...options, times: { repeatAfterMs: 0 } });
  await replay.look();
  const late = aChange();
  rows.push({ companyId: company, events: [late], publishedAt: ago(0) });
  await replay.look();
  await replay.look();
  await new Replay(options).look();
  expect(reads).toBe(2);
  expect(await publisher.publishLost(company, [late])).toEqual([]);
});

test("a Redis that comes back empty gets the last minute again, without being asked", async () => {
  const first = await startRedis();
  const scene = opened(first.url);
  const { subscribe, replay, publish, company } = scene;
  const looking = new Replay({
    ...{ redis: scene.redis, publisher: scene.publisher, log: silent },
    ...{ source: async () => scene.rows, times: { lookEveryMs: 20 } },
  });
  const [id] = await publish(1);
  await replay.look();
  const { subscriber, recorder } = subscribe();
  await join(subscriber, company);
  await first.kill();
  const second = await startRedis({ port: first.port });
  onTestFinished(() => second.stop());
  looking.start();
  await recorder.untilTold("resync");
  await expect.poll(() => scene.redis.hexists(keys.positions(`rt:{${company}}`), id ?? "")).toBe(1);
  await looking.stop();
});

test("the witness is the oldest row that was surely published within the window; without one it is all of them", () => {
  const row = (seconds: number) => ({ publishedAt: ago(seconds) });
  const [edge, old, young] = [row(windowMs / 1_000 - 2), row(45), row(3)];
  expect(witnesses([young, edge, old], Date.now())).toEqual([old]);
  expect(witnesses([edge], Date.now())).toEqual([edge]);
  expect(witnesses([], Date.now())).toEqual([]);
});
