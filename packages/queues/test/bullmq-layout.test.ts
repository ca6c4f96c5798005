import { redisTest } from "@syszap/testing";
import { Queue, UnrecoverableError, Worker } from "bullmq";
import { Redis } from "ioredis";
import { expect } from "vitest";
import { readJobFates, removeFailedJob } from "../src/index.ts";

const queueName = "layout";
const keep = { removeOnComplete: false, removeOnFail: false };

interface Environment {
  redis: Redis;
  queue: Queue;
  /** Runs one job to its end: it completes, or fails without another attempt when its name is `fail`. */
  run(jobId: string, name?: "complete" | "fail"): Promise<void>;
}

const test = redisTest.extend<{ environment: Environment }>({
  environment: async ({ redisUrl }, use) => {
    const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
    await redis.flushall();
    const queue = new Queue(queueName, { connection: redis });
    await use({ redis, queue, run: (jobId, name = "complete") => runOne(queue, redis, { jobId, name }) });
    await queue.close();
    redis.disconnect();
  },
});

async function runOne(queue: Queue, redis: Redis, { jobId, name }: { jobId: string; name: string }): Promise<void> {
  const worker = new Worker(
    queueName,
    async (job) => {
      await job.log("started");
      if (job.name === "fail") throw new UnrecoverableError("failed on purpose");
    },
    { connection: redis, autorun: false },
  );
  const finished = new Promise<void>((resolve) => {
    worker.on("completed", () => resolve());
    worker.on("failed", () => resolve());
  });
  await queue.add(name, {}, { ...keep, jobId });
  const running = worker.run();
  await finished;
  await worker.close();
  await running;
}

test("a job is a hash under its id, with its log beside it", async ({ environment: { redis, queue, run } }) => {
  await run("one");
  expect(queue.toKey("one")).toBe(`bull:${queueName}:one`);
  expect(await redis.type(queue.toKey("one"))).toBe("hash");
  expect(await redis.type(`${queue.toKey("one")}:logs`)).toBe("list");
});

test("completed and failed jobs are in sorted sets, scored by the time they finished", async ({
  environment: { redis, queue, run },
}) => {
  await run("good");
  await run("bad", "fail");
  for (const [set, jobId] of [
    ["completed", "good"],
    ["failed", "bad"],
  ] as const) {
    const job = await queue.getJob(jobId);
    expect(await redis.zrange(queue.toKey(set), 0, -1, "WITHSCORES")).toEqual([jobId, String(job?.finishedOn)]);
  }
});

test("reads what became of jobs in every state", async ({ environment: { redis, queue, run } }) => {
  await run("good");
  await run("bad", "fail");
  await queue.add("complete", {}, { ...keep, jobId: "waiting-job" });
  await queue.add("complete", {}, { ...keep, jobId: "delayed-job", delay: 3_600_000 });
  const fates = await readJobFates(queue, redis, ["delayed-job", "good", "never-added", "bad", "waiting-job"]);
  expect(fates).toEqual(["underWay", "done", "gone", "underWay", "underWay"]);
  expect(await readJobFates(queue, redis, [])).toEqual([]);
});

test("rejects instead of reporting jobs as gone when Redis does not answer", async ({ environment: { queue } }) => {
  const unreachable = new Redis({ port: 1, lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 });
  unreachable.on("error", () => undefined);
  await expect(readJobFates(queue, unreachable, ["one"])).rejects.toThrow();
  unreachable.disconnect();
});

test("removes a failed job with everything BullMQ keeps of it", async ({ environment: { redis, queue, run } }) => {
  await run("bad", "fail");
  const failedAt = new Date((await queue.getJob("bad"))?.finishedOn ?? 0);
  await removeFailedJob(queue, redis, { jobId: "bad", failedAt });
  expect(await queue.getFailedCount()).toBe(0);
  const left = await redis.keys(`${queue.toKey("bad")}*`);
  expect(left).toEqual([]);
});

test("frees the id of a removed job, so that a job with the same id runs again", async ({
  environment: { redis, queue, run },
}) => {
  await run("again", "fail");
  const failedAt = new Date((await queue.getJob("again"))?.finishedOn ?? 0);
  await removeFailedJob(queue, redis, { jobId: "again", failedAt });
  await run("again");
  expect(await readJobFates(queue, redis, ["again"])).toEqual(["done"]);
});

test("keeps a job that failed at another time under the same id", async ({ environment: { redis, queue, run } }) => {
  await run("bad", "fail");
  const failedAt = new Date(((await queue.getJob("bad"))?.finishedOn ?? 0) - 1);
  await removeFailedJob(queue, redis, { jobId: "bad", failedAt });
  expect(await queue.getJob("bad")).toBeDefined();
  expect(await queue.getFailedCount()).toBe(1);
});
