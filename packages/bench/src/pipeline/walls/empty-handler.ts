import { randomUUID } from "node:crypto";
import { inboundJobOptions, workerSettings } from "@syszap/contracts";
import { jobIdOf } from "@syszap/queues";
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { nextMessages } from "../environment/next-messages.ts";
import type { WallCommand } from "./walls.ts";

const count = 16_000;
const atOnce = 1_000;
/** Same concurrency as the worker. */
const concurrency = 200;

process.once("message", async ({ redisUrl, tenants }: WallCommand) => {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const name = `wall-${randomUUID()}`;
  const queue = new Queue(name, { connection: redis });
  const jobs = nextMessages(tenants, count);
  for (let from = 0; from < count; from += atOnce) {
    await queue.addBulk(
      jobs
        .slice(from, from + atOnce)
        .map((data) => ({ name: "message", data, opts: { ...inboundJobOptions, jobId: jobIdOf("message", data) } })),
    );
  }
  let done = 0;
  const startedAt = performance.now();
  const worker = new Worker(name, async () => undefined, { connection: redis, concurrency, ...workerSettings });
  await new Promise<void>((resolve) => worker.on("completed", () => ++done === count && resolve()));
  const perSecond = count / ((performance.now() - startedAt) / 1_000);
  await worker.close();
  await queue.obliterate({ force: true });
  await queue.close();
  process.send?.({ perSecond });
  redis.disconnect();
});
