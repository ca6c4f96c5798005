import { channels, keys } from "@syszap/contracts";
import { redisTest } from "@syszap/testing";
import { Random } from "@syszap/testing/oracle";
import type { Redis } from "ioredis";
import { expect, onTestFinished } from "vitest";
import { type LogRetention, Publisher } from "../src/index.ts";
import { newCompany, newEvent, newEvents, openBus, silent } from "./recorder.ts";

const mib = 1024 * 1024;
const tenMinutes = 600_000;

function openLog(redisUrl: string, retention?: LogRetention) {
  const bus = openBus(redisUrl);
  onTestFinished(() => bus.close());
  const company = newCompany();
  const channel = channels.company(company);
  const publisher = new Publisher(bus.redis, silent, retention);
  /** Publishes events of about `bytes` each, in one batch. */
  const publish = (count: number, bytes: number) =>
    publisher.publishDurable(
      company,
      Array.from({ length: count }, () => newEvent({ Body: "x".repeat(bytes) })),
    );
  return { redis: bus.redis, company, channel, publisher, publish };
}
/** Returns the sequence numbers and the payload bytes of a log. */
async function contentOf(redis: Redis, channel: string): Promise<{ seqs: number[]; bytes: number }> {
  const entries = await redis.xrangeBuffer(keys.log(channel), "-", "+");
  const seqs = entries.map(([id]) => Number.parseInt(id.toString(), 10));
  return { seqs, bytes: entries.reduce((sum, [, fields]) => sum + (fields[1]?.length ?? 0), 0) };
}
/** Changes the times of all checkpoints, as if their entries had been published `ageMs` ago. */
async function age(redis: Redis, channel: string, ageMs: number): Promise<void> {
  const checkpoints = await redis.lrange(keys.checkpoints(channel), 0, -1);
  for (const [index, checkpoint] of checkpoints.entries()) {
    const [seq, , bytes] = checkpoint.split(" ");
    await redis.lset(keys.checkpoints(channel), index, `${seq} ${Date.now() - ageMs} ${bytes}`);
  }
}

redisTest("keeps more than 2,000 events: 15,000 events of 400 bytes are in the log", async ({ redisUrl }) => {
  const { redis, channel, publisher, company } = openLog(redisUrl);
  await publisher.publishDurable(company, newEvents(15_000));
  expect(await redis.xlen(keys.log(channel))).toBe(15_000);
});

redisTest("never exceeds the size, and keeps at least 90 % of it, for events of any size", async ({ redisUrl }) => {
  const maxBytes = 2 * mib;
  const { redis, channel, publish } = openLog(redisUrl, { windowMs: tenMinutes, maxBytes });
  const random = new Random(7);
  let published = 0;
  for (let round = 0; round < 60; round++) {
    const largest = random.pick([100, 2_000, 20_000]);
    published += (await publish(random.between(1, 64), random.between(1, largest))).length;
    const { seqs, bytes } = await contentOf(redis, channel);
    expect(bytes).toBeLessThanOrEqual(maxBytes);
    if (seqs[0] !== 1) expect(bytes).toBeGreaterThan(maxBytes * 0.9);
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, index) => published - seqs.length + 1 + index));
  }
  expect(await redis.xlen(keys.log(channel))).toBeLessThan(published);
});

redisTest("deletes entries that are older than the window, and no younger one", async ({ redisUrl }) => {
  const { redis, channel, publish } = openLog(redisUrl);
  await publish(64, 40_000);
  await age(redis, channel, tenMinutes - 60_000);
  const young = await publish(64, 40_000);
  expect((await contentOf(redis, channel)).seqs).toHaveLength(128);
  await age(redis, channel, tenMinutes + 1_000);
  const rest = await publish(64, 40_000);
  const { seqs } = await contentOf(redis, channel);
  expect(seqs[0]).toBeGreaterThan(1);
  expect(seqs).toEqual(expect.arrayContaining(rest.map(({ seq }) => seq)));
  expect(seqs[0]).toBeLessThanOrEqual((young.at(-1)?.seq ?? 0) + 1);
});

redisTest("keeps the newest MiB of a quiet company regardless of its age", async ({ redisUrl }) => {
  const { redis, channel, publish } = openLog(redisUrl, { windowMs: 10_000, maxBytes: 16 * mib });
  for (let round = 0; round < 40; round++) {
    await publish(1, 100_000);
    await age(redis, channel, 60 * 60_000);
  }
  const { bytes } = await contentOf(redis, channel);
  expect(bytes).toBeGreaterThan(mib);
  expect(bytes).toBeLessThan(2 * mib);
});

redisTest("bounds a log that a publisher without checkpoints has written", async ({ redisUrl }) => {
  const { redis, channel, publish } = openLog(redisUrl, { windowMs: tenMinutes, maxBytes: mib });
  await publish(64, 4_000);
  await redis.del(keys.checkpoints(channel));
  await redis.hdel(keys.head(channel), "bytes", "marked");
  for (let round = 0; round < 20; round++) await publish(64, 1_000);
  const { seqs, bytes } = await contentOf(redis, channel);
  expect(seqs[0]).toBeGreaterThan(64);
  expect(bytes).toBeLessThanOrEqual(mib);
});

redisTest("ignores checkpoints of an older log, whose sequence numbers are higher", async ({ redisUrl }) => {
  const { redis, channel, publish } = openLog(redisUrl);
  await publish(10, 1_000);
  await redis.rpush(keys.checkpoints(channel), `999999 ${Date.now() - 2 * tenMinutes} 0`);
  await publish(64, 40_000);
  expect((await contentOf(redis, channel)).seqs).toHaveLength(74);
});

redisTest("writes few checkpoints and deletes those of deleted entries", async ({ redisUrl }) => {
  const { redis, channel, publish } = openLog(redisUrl, { windowMs: tenMinutes, maxBytes: mib });
  for (let round = 0; round < 40; round++) await publish(64, 1_000);
  expect(await redis.llen(keys.checkpoints(channel))).toBeLessThanOrEqual(64);
});

redisTest("starts with an empty count of bytes after a new log was started", async ({ redisUrl }) => {
  const { redis, channel, publish, publisher, company } = openLog(redisUrl);
  await publish(64, 40_000);
  await publisher.restartUnlessKnown(company, ["unknown"]);
  expect(await redis.exists(keys.checkpoints(channel))).toBe(0);
  await publish(1, 100);
  const { bytes } = await contentOf(redis, channel);
  expect(Number(await redis.hget(keys.head(channel), "bytes"))).toBe(bytes);
});
