import { inboundJobOptions, type JobName, type Jobs, jobIdOf, queues } from "@syszap/contracts";
import { Queue } from "bullmq";
import type { Redis } from "ioredis";

/** `done`: a worker took it and committed. `underWay`: it waits, runs or failed. `gone`: the queue knows nothing of it. */
export type JobFate = "done" | "underWay" | "gone";

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

  /** One round trip. The set of completed jobs and a key per job are how BullMQ keeps them. */
  async fatesOf(jobIds: readonly string[]): Promise<JobFate[]> {
    const pipeline = this.redis.pipeline();
    pipeline.zmscore(this.queue.toKey("completed"), ...jobIds);
    for (const jobId of jobIds) pipeline.exists(this.queue.toKey(jobId));
    const [completed, ...exist] = (await pipeline.exec()) ?? [];
    const failed = [completed, ...exist].find((answer) => answer?.[0])?.[0];
    if (failed) throw failed;
    const scores = completed?.[1] as (string | null)[];
    return jobIds.map((_, at) => (scores[at] !== null ? "done" : exist[at]?.[1] === 1 ? "underWay" : "gone"));
  }

  async close(): Promise<void> {
    await this.queue.close();
  }
}
