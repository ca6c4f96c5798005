import { inboundJobOptions, type JobName, type Jobs, jobIdOf, queues } from "@syszap/contracts";
import { type JobFate, readJobFates } from "@syszap/queues";
import { Queue } from "bullmq";
import type { Redis } from "ioredis";

/** Where facts go, and what became of them there. Everything rejects while the queue does not answer. */
export interface FactQueue {
  /** Resolves once the queue has it; a job that it has already is not added again. */
  enqueue<Name extends JobName>(name: Name, job: Jobs[Name]): Promise<void>;
  /** In the order of the ids. */
  fatesOf(jobIds: readonly string[]): Promise<JobFate[]>;
}

/** The queue that all connectors fill and all workers empty. */
export class InboundQueue implements FactQueue {
  private readonly queue: Queue;

  /** `redis` has the role "queue-producer". */
  constructor(private readonly redis: Redis) {
    this.queue = new Queue(queues.inboundMessages, {
      connection: redis,
      defaultJobOptions: inboundJobOptions,
    });
    this.queue.on("error", () => undefined); // the connection itself says when it is away
  }

  async enqueue<Name extends JobName>(name: Name, job: Jobs[Name]): Promise<void> {
    await this.queue.add(name, job, { jobId: jobIdOf(name, job) });
  }

  fatesOf(jobIds: readonly string[]): Promise<JobFate[]> {
    return readJobFates(this.queue, this.redis, jobIds);
  }

  async close(): Promise<void> {
    await this.queue.close();
  }
}
