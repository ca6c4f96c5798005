import { inboundJobOptions, type JobName, type Jobs, queues } from "@syszap/contracts";
import { type JobFate, jobIdOf, readJobFates } from "@syszap/queues";
import { Queue } from "bullmq";
import type { Redis } from "ioredis";

interface EnqueueOptions {
  /** The job is processed when no other job waits. */
  isRecovered?: boolean | undefined;
}

/** Any number but 0: BullMQ processes jobs without a priority first. */
const recoveredPriority = 1;

/** Queue that receives facts, and the state of their jobs. Every method rejects while Redis does not answer. */
export interface FactQueue {
  /** Resolves when the queue holds the job. A job with a known id is not added again. */
  enqueue<Name extends JobName>(name: Name, job: Jobs[Name], options?: EnqueueOptions): Promise<void>;
  /** Returns one fate per id, in the same order. */
  fatesOf(jobIds: readonly string[]): Promise<JobFate[]>;
}

/** The BullMQ queue that all connectors fill and all workers process. */
export class InboundQueue implements FactQueue {
  private readonly queue: Queue;

  /** `redis` has the role "queue-producer". */
  constructor(private readonly redis: Redis) {
    this.queue = new Queue(queues.inboundMessages, {
      connection: redis,
      defaultJobOptions: inboundJobOptions,
    });
    this.queue.on("error", () => undefined); // the connection logs its own errors
  }

  async enqueue<Name extends JobName>(
    name: Name,
    job: Jobs[Name],
    { isRecovered }: EnqueueOptions = {},
  ): Promise<void> {
    await this.queue.add(name, job, { jobId: jobIdOf(name, job), ...(isRecovered && { priority: recoveredPriority }) });
  }

  fatesOf(jobIds: readonly string[]): Promise<JobFate[]> {
    return readJobFates(this.queue, this.redis, jobIds);
  }

  async close(): Promise<void> {
    await this.queue.close();
  }
}
