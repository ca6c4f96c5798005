import { queues, ringJobName, ringJobOptions } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { moveFailedJobs } from "./dead-letters.ts";
import type { WorkerMetrics } from "./metrics.ts";

export interface SweeperOptions {
  db: Database;
  /** Has the role "queue-producer". */
  queueRedis: Redis;
  metrics: WorkerMetrics;
  log: Logger;
}
type Task = { name: string; everyMs: number; run: () => Promise<unknown> };

const waitingTooLongMs = 5_000;

/** Does, on every worker, what no job does: late events, lost rings, jobs that were given up, rows that are no more needed. */
export class Sweeper {
  private readonly inbound: Queue;
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly running = new Map<string, Promise<void>>();
  private readonly tasks: Task[] = [
    { name: "outbox", everyMs: 1_000, run: () => this.publishLate() },
    { name: "dead-letters", everyMs: 5_000, run: () => this.moveFailed() },
    { name: "rings", everyMs: 5_000, run: () => this.ringWaiting() },
    { name: "old-rows", everyMs: 15_000, run: () => this.deleteOld() },
  ];
  private isStopped = false;

  constructor(private readonly options: SweeperOptions) {
    this.inbound = new Queue(queues.inboundMessages, { connection: options.queueRedis });
    this.inbound.on("error", () => undefined); // the connection itself says when it is away
  }

  start(): void {
    for (const task of this.tasks) this.schedule(task);
  }

  /** Resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.isStopped = true;
    for (const timer of this.timers.values()) clearTimeout(timer);
    await Promise.all(this.running.values());
    await this.inbound.close();
  }

  /** A job failed for good just now: don't wait for the next round. */
  async moveFailed(): Promise<void> {
    const { db, log, metrics } = this.options;
    metrics.deadLetters.inc(await moveFailedJobs(this.inbound, db, log));
  }

  /** How many jobs wait, run or wait for their next attempt. */
  depth(): Promise<Record<string, number>> {
    return this.inbound.getJobCounts("waiting", "active", "delayed");
  }

  async publishLate(): Promise<void> {
    const { published } = await this.options.db.system.outbox.sweep();
    if (published > 0) this.options.metrics.swept.inc(published);
  }

  /** Rings for rows whose job was lost, or whose owner was away. One ring waits in a queue at a time, however long nobody hears it. */
  async ringWaiting(olderThanMs = waitingTooLongMs): Promise<void> {
    const { db, queueRedis, metrics } = this.options;
    for (const { companyId, sessionId } of await db.system.outbound.sessionsWithQueued(olderThanMs)) {
      const queue = new Queue(queues.outboundMessages(sessionId), { connection: queueRedis });
      queue.on("error", () => undefined);
      await queue.add(ringJobName, { companyId, sessionId }, { ...ringJobOptions, jobId: "swept" });
      await queue.close();
      metrics.rings.inc();
    }
  }

  private async deleteOld(): Promise<void> {
    const { outbox, refreshTokens, pendingFacts } = this.options.db.system;
    await outbox.deletePublished();
    this.options.metrics.forgotten.inc({ why: "age" }, await pendingFacts.forget());
    await refreshTokens.deleteExpired();
  }

  private schedule(task: Task): void {
    if (this.isStopped) return;
    // Spread, so that several workers do not look at the same moment.
    const timer = setTimeout(
      () => this.running.set(task.name, this.round(task)),
      task.everyMs * (0.75 + Math.random() / 2),
    );
    this.timers.set(task.name, timer);
  }

  private async round(task: Task): Promise<void> {
    try {
      await task.run();
    } catch (err) {
      this.options.log.warn({ err, task: task.name }, "sweep failed, the next one tries again");
    }
    this.schedule(task);
  }
}
