import { queues } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";
import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { moveFailedJobs } from "./dead-letters.ts";
import type { WorkerMetrics } from "./metrics.ts";
import { OutboundSignals } from "./outbound-signals.ts";
import { Redrive } from "./redrive.ts";

export interface SweeperOptions {
  db: Database;
  /** Has the role "queue-producer". */
  queueRedis: Redis;
  publisher: Pick<Publisher, "command">;
  metrics: WorkerMetrics;
  log: Logger;
}
type Task = { name: string; everyMs: number; run: () => Promise<unknown> };

/** Does, on every worker, what no job does: late events, lost outbound signals, jobs that were given up, rows that are no more needed. */
export class Sweeper {
  readonly outbound: OutboundSignals;
  private readonly redrive: Redrive;
  private readonly inbound: Queue;
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly running = new Map<string, Promise<void>>();
  private readonly tasks: Task[] = [
    { name: "outbox", everyMs: 1_000, run: () => this.publishLate() },
    { name: "dead-letters", everyMs: 5_000, run: () => this.moveFailed() },
    { name: "redrive", everyMs: 1_000, run: () => this.redriveAsked() },
    { name: "outbound-signals", everyMs: 5_000, run: () => this.outbound.signalWaiting() },
    { name: "unsendable", everyMs: 15_000, run: () => this.outbound.failUnsendable() },
    { name: "old-rows", everyMs: 15_000, run: () => this.deleteOld() },
  ];
  private isStopped = false;

  constructor(private readonly options: SweeperOptions) {
    this.outbound = new OutboundSignals(options);
    this.inbound = new Queue(queues.inboundMessages, { connection: options.queueRedis });
    this.inbound.on("error", () => undefined); // the connection itself says when it is away
    this.redrive = new Redrive({ ...options, inbound: this.inbound });
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
    const { db, queueRedis, log, metrics } = this.options;
    metrics.deadLetters.inc(await moveFailedJobs(this.inbound, queueRedis, db, log));
  }

  /** Jobs and messages that people asked for again. */
  async redriveAsked(): Promise<void> {
    const redriven = await this.redrive.round();
    if (redriven.messages > 0) await this.outbound.signalWaiting(0);
    this.options.metrics.redriven.inc(redriven.jobs + redriven.messages);
  }

  /** When the job was added that waits for longest; undefined while none waits. */
  async oldestWaitingAt(): Promise<Date | undefined> {
    const [oldest] = await this.inbound.getWaiting(0, 0);
    return oldest && new Date(oldest.timestamp);
  }

  /** How many jobs wait, run or wait for their next attempt. */
  depth(): Promise<Record<string, number>> {
    return this.inbound.getJobCounts("waiting", "active", "delayed");
  }

  async publishLate(): Promise<void> {
    const { published } = await this.options.db.system.outbox.sweep();
    if (published > 0) this.options.metrics.swept.inc(published);
  }

  private async deleteOld(): Promise<void> {
    const { outbox, refreshTokens, pendingFacts, deadLetters } = this.options.db.system;
    await outbox.deletePublished();
    this.options.metrics.forgotten.inc({ why: "age" }, await pendingFacts.deleteOld());
    await refreshTokens.deleteExpired();
    await deadLetters.deleteClosed();
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
