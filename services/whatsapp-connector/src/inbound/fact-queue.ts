import { inboundJobOptions, type JobName, type Jobs, jobIdOf, queues } from "@syszap/contracts";
import { Queue } from "bullmq";
import type { Redis } from "ioredis";

/** Where facts go. Resolves once somebody else answers for the fact; rejects while nobody can. */
export interface FactQueue {
  enqueue<Name extends JobName>(name: Name, job: Jobs[Name]): Promise<void>;
}

/** The queue that all connectors fill and all workers empty. */
export class InboundQueue implements FactQueue {
  private readonly queue: Queue;

  /** `redis` has the role "queue-producer". */
  constructor(redis: Redis) {
    this.queue = new Queue(queues.inboundMessages, {
      connection: redis,
      defaultJobOptions: inboundJobOptions,
    });
    this.queue.on("error", () => undefined); // the connection itself says when it is away
  }

  async enqueue<Name extends JobName>(name: Name, job: Jobs[Name]): Promise<void> {
    await this.queue.add(name, job, { jobId: jobIdOf(name, job) });
  }

  async close(): Promise<void> {
    await this.queue.close();
  }
}
