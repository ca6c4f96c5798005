import { queues, type RingJob, ringJobName, ringJobOptions } from "@syszap/contracts";
import type { Logger } from "@syszap/platform";
import { Queue } from "bullmq";
import type { Redis } from "ioredis";

/** Queues share one connection; how many are kept for the next ring. */
const keptQueues = 500;

/** Tells a session's owner that a row waits to be sent. Only a hint: a lost ring is made up for by the worker's sweeper. */
export class Doorbell {
  private readonly queues = new Map<string, Queue<RingJob>>();
  private readonly ringing = new Set<Promise<void>>();

  constructor(
    private readonly redis: Redis,
    private readonly log: Logger,
  ) {}

  /** Returns at once: whoever sends need not wait for Redis. */
  ring(job: RingJob): void {
    const done = this.add(job)
      .catch((err: unknown) => this.log.warn({ err, sessionId: job.sessionId }, "could not ring: the sweeper will"))
      .finally(() => this.ringing.delete(done));
    this.ringing.add(done);
  }

  /** Waits for rings under way. */
  async close(): Promise<void> {
    await Promise.all(this.ringing);
    await Promise.all([...this.queues.values()].map((queue) => queue.close()));
  }

  private async add(job: RingJob): Promise<void> {
    if (this.redis.status !== "ready") throw new Error("the queues' Redis is away");
    const queue = this.queueOf(job.sessionId);
    await queue.add(ringJobName, job, ringJobOptions);
  }

  private queueOf(sessionId: string): Queue<RingJob> {
    const name = queues.outboundMessages(sessionId);
    const queue = this.queues.get(name) ?? this.open(name);
    // Put last: what was not rung for longest is first to go.
    this.queues.delete(name);
    this.queues.set(name, queue);
    return queue;
  }

  private open(name: string): Queue<RingJob> {
    const [oldest] = this.queues;
    if (oldest && this.queues.size >= keptQueues) {
      this.queues.delete(oldest[0]);
      void oldest[1].close().catch(() => undefined);
    }
    const queue = new Queue<RingJob>(name, { connection: this.redis });
    queue.on("error", (err) => this.log.warn({ err }, "queue connection failed"));
    return queue;
  }
}
