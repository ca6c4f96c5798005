import { randomUUID } from "node:crypto";
import { inboundJobOptions, workerSettings } from "@syszap/contracts";
import { jobIdOf } from "@syszap/queues";
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { nextMessages } from "../environment/next-messages.ts";
import type { OpenHop } from "./hop.ts";

/** From adding a job until an empty handler receives it. */
export const openQueueHop: OpenHop = async ({ redisUrl, tenants }) => {
  const [producer, consumer] = [new Redis(redisUrl), new Redis(redisUrl, { maxRetriesPerRequest: null })];
  const name = `hop-${randomUUID()}`;
  const queue = new Queue(name, { connection: producer, defaultJobOptions: inboundJobOptions });
  const received = new Map<string, () => void>();
  const take = async ({ id }: { id?: string }) => {
    received.get(id ?? "")?.();
    received.delete(id ?? "");
  };
  const worker = new Worker(name, take, { connection: consumer, concurrency: 200, ...workerSettings });
  await worker.waitUntilReady();
  return {
    pass: async () => {
      const [job] = nextMessages(tenants, 1);
      if (!job) return;
      const jobId = jobIdOf("message", job);
      const isReceived = new Promise<void>((resolve) => received.set(jobId, resolve));
      await Promise.all([queue.add("message", job, { jobId }), isReceived]);
    },
    close: async () => {
      await worker.close();
      await queue.obliterate({ force: true });
      await queue.close();
      for (const redis of [producer, consumer]) redis.disconnect();
    },
  };
};
