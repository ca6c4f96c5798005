import { queues } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import { type Publisher, sendRevocations } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";
import { PeriodicTask } from "@syszap/platform/async";
import { countJobs, type JobCounts, readOldestWaitingAt } from "@syszap/queues";
import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { moveFailedJobs } from "./dead-letters.ts";
import type { WorkerMetrics } from "./metrics.ts";
import { OutboundSignals } from "./outbound-signals.ts";
import { expireMessage } from "./processors/revoke.ts";
import { Redrive } from "./redrive.ts";
import { ClientErasures } from "./retention/client-erasures.ts";
import { Retention } from "./retention/retention.ts";

export interface SweeperOptions {
  db: Database;
  /** Must have the role "queue-producer". */
  queueRedis: Redis;
  publisher: Publisher;
  /** How long consumers can read events. */
  eventLogDays: number;
  /** How long entries of the audit log are kept. */
  auditLogDays: number;
  metrics: WorkerMetrics;
  log: Logger;
}

/** Periodic work outside of jobs: unpublished events, ended access, lost outbound signals, failed jobs, expired rows. Every worker runs it. */
export class Sweeper {
  readonly outbound: OutboundSignals;
  private readonly redrive: Redrive;
  private readonly retention: Retention;
  private readonly erasures: ClientErasures;
  private readonly inbound: Queue;
  private readonly tasks: PeriodicTask[];

  constructor(private readonly options: SweeperOptions) {
    this.outbound = new OutboundSignals(options);
    this.inbound = new Queue(queues.inboundMessages, { connection: options.queueRedis });
    this.inbound.on("error", () => undefined); // the Redis connection logs its own errors
    this.redrive = new Redrive({ ...options, inbound: this.inbound });
    this.retention = new Retention(options);
    this.erasures = new ClientErasures(options);
    this.tasks = [
      this.createTask("outbox", 1_000, () => this.publishLate()),
      this.createTask("revocations", 1_000, () => this.sendLateRevocations()),
      this.createTask("reach-changes", 1_000, () => this.settleReachChanges()),
      this.createTask("dead-letters", 5_000, () => this.moveFailed()),
      this.createTask("redrive", 1_000, () => this.processRedrives()),
      this.createTask("outbound-signals", 5_000, () => this.outbound.signalWaiting()),
      this.createTask("unsendable", 15_000, () => this.outbound.failUnsendable()),
      this.createTask("expired-messages", 5_000, () => this.eraseExpired()),
      this.createTask("client-erasures", 5_000, () => this.erasures.run()),
      this.createTask("retention", 60_000, () => this.retention.run()),
      this.createTask("old-rows", 15_000, () => this.deleteOld()),
      this.createTask("event-log-days", 600_000, () =>
        this.options.db.system.eventLog.maintain(this.options.eventLogDays),
      ),
    ];
  }

  start(): void {
    for (const task of this.tasks) task.start();
  }

  /** Resolves when no task is running. */
  async stop(): Promise<void> {
    this.retention.stop();
    this.erasures.stop();
    await Promise.all(this.tasks.map((task) => task.stop()));
    await this.inbound.close();
  }

  /** Moves failed jobs to the dead letters. Also called when a job has just failed for good, without waiting for the next sweep. */
  async moveFailed(): Promise<void> {
    const { db, queueRedis, log, metrics } = this.options;
    metrics.deadLetters.inc(await moveFailedJobs(this.inbound, queueRedis, db, log));
  }

  /** Queues jobs and messages again whose dead letters were redriven. */
  async processRedrives(): Promise<void> {
    const redriven = await this.redrive.round();
    if (redriven.messages > 0) await this.outbound.signalWaiting(0);
    this.options.metrics.redriven.inc(redriven.jobs + redriven.messages);
  }

  oldestWaitingAt(): Promise<Date | undefined> {
    return readOldestWaitingAt(this.inbound);
  }

  depth(): Promise<JobCounts> {
    return countJobs(this.inbound);
  }

  async publishLate(): Promise<void> {
    const { published } = await this.options.db.system.outbox.sweep();
    if (published > 0) this.options.metrics.swept.inc(published);
    await this.options.db.system.eventLog.logWaiting();
  }

  /** Closes sockets whose access ended in a transaction of a process that could not inform the gateways. */
  async sendLateRevocations(): Promise<void> {
    const { db, publisher } = this.options;
    await db.system.revocations.sweep((companyId, revocations) => sendRevocations(publisher, companyId, revocations));
  }

  /** Repeats `access_changed` of changes after which an event with an old audience was published, so that no page keeps it. */
  async settleReachChanges(): Promise<void> {
    const { db } = this.options;
    for (const { companyId, changeId, mustRepeat } of await db.system.reachChanges.list(100))
      await db.withCompany(companyId, ({ reachChanges }) =>
        mustRepeat ? reachChanges.repeat(changeId) : reachChanges.end(changeId),
      );
  }

  /** Erases disappearing messages whose time has come. */
  async eraseExpired(): Promise<void> {
    const { db } = this.options;
    for (const { companyId, messageId } of await db.system.dueRemovals.listExpired())
      await db.withCompany(companyId, (unit) => expireMessage(unit, messageId));
  }

  private async deleteOld(): Promise<void> {
    const { outbox, refreshTokens, operatorLogins, pendingFacts, deadLetters, accountLinks, audit } =
      this.options.db.system;
    await outbox.deletePublished();
    this.options.metrics.forgotten.inc({ why: "age" }, await pendingFacts.deleteOld());
    await refreshTokens.deleteExpired();
    await operatorLogins.deleteOld();
    await deadLetters.deleteClosed();
    await accountLinks.deleteOld();
    await audit.deleteOld(this.options.auditLogDays);
  }

  private createTask(name: string, everyMs: number, run: () => Promise<unknown>): PeriodicTask {
    const onError = (err: unknown) =>
      this.options.log.warn({ err, task: name }, "sweep failed; the next one tries again");
    return new PeriodicTask({ everyMs, run, onError });
  }
}
