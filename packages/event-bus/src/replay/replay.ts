import { keys } from "@syszap/contracts";
import { PeriodicTask } from "@syszap/platform/async";
import type { Cluster, Redis } from "ioredis";
import { type BusLog, guarded } from "../errors.ts";
import type { Publisher } from "../publisher.ts";
import { redisIdentity } from "./identity.ts";
import { type PublishedRow, rowsToCheck, windowMs } from "./survival-check.ts";

/** Returns the rows that were published within the last minute (`windowMs`), oldest first. */
export type ReplaySource = () => Promise<PublishedRow[]>;

export interface ReplayTimes {
  checkEveryMs: number;
  /** Grace period for rows that were published before a failover but marked after it; they are published again. */
  repeatAfterMs: number;
}
const defaultTimes: ReplayTimes = { checkEveryMs: 2_000, repeatAfterMs: 15_000 };
/** Large, so that mostly one of several workers does the replay. */
const jitterRatio = 0.5;

/**
 * Publishes events again that may be lost after a restart or failover of Redis. Events that survived are recognised by id and not
 * repeated. If even the oldest rows are lost, the extent of the loss is unknown, and the company's log starts anew.
 */
export class Replay {
  private readonly times: ReplayTimes;
  private readonly task: PeriodicTask;
  private carried: PublishedRow[] = [];
  private repeatAt = Number.POSITIVE_INFINITY;

  constructor(
    private readonly options: {
      redis: Redis | Cluster;
      publisher: Publisher;
      source: ReplaySource;
      log: BusLog;
      times?: Partial<ReplayTimes>;
    },
  ) {
    this.times = { ...defaultTimes, ...options.times };
    this.task = new PeriodicTask({
      everyMs: this.times.checkEveryMs,
      jitterRatio,
      run: () => this.check(),
      onError: (err) => options.log.warn({ err }, "checking the identity of Redis failed"),
    });
  }

  start(): void {
    this.task.start();
  }

  /** Resolves when the current check has ended. */
  stop(): Promise<void> {
    return this.task.stop();
  }

  /** Publishes again if the identity of Redis differs from the one of the last replay by any worker. */
  async check(): Promise<void> {
    const { redis } = this.options;
    const identity = await redisIdentity(redis);
    const isOther = (await guarded(() => redis.get(keys.replayed))) !== identity;
    if (!isOther && Date.now() < this.repeatAt) return;
    this.repeatAt = isOther ? Date.now() + this.times.repeatAfterMs : Number.POSITIVE_INFINITY;
    const lost = await this.publishAgain(isOther);
    // Written last, so that after an interruption, or another change of Redis, the next check repeats the replay.
    if (isOther && (await redisIdentity(redis)) === identity) await guarded(() => redis.set(keys.replayed, identity));
    this.options.log.info({ lost }, "published events again that Redis may have lost");
  }

  private async publishAgain(withSurvivalCheck: boolean): Promise<number> {
    const fresh = await this.options.source();
    // Rows of an interrupted run are older than the rows of the source, so they go first.
    this.carried = this.carried.filter(({ publishedAt }) => publishedAt.getTime() > Date.now() - windowMs);
    this.carried = [...this.carried, ...fresh];
    const hasRestarted = withSurvivalCheck && (await this.restartLostLogs(this.carried));
    // A restart also deletes what was published after the rows were read.
    const rows = hasRestarted ? [...this.carried, ...(await this.options.source())] : this.carried;
    const lost: PublishedRow[] = [];
    for (const { companyId, events } of rows) {
      const again = await this.options.publisher.publishLost(companyId, events);
      if (again.length > 0) lost.push({ companyId, events: again, publishedAt: new Date() });
    }
    this.carried = lost;
    return lost.reduce((sum, { events }) => sum + events.length, 0);
  }

  /** Returns true if at least one log was started anew. */
  private async restartLostLogs(rows: readonly PublishedRow[]): Promise<boolean> {
    const companies = new Map<string, PublishedRow[]>();
    for (const row of rows) companies.set(row.companyId, [...(companies.get(row.companyId) ?? []), row]);
    let hasRestarted = false;
    for (const [companyId, ofCompany] of companies) {
      const ids = rowsToCheck(ofCompany, Date.now()).flatMap(({ events }) => events.slice(-1).map(({ id }) => id));
      if (!(await this.options.publisher.restartUnlessKnown(companyId, ids))) continue;
      hasRestarted = true;
      this.options.log.warn({ companyId }, "Redis lost more than can be published again: started a new log");
    }
    return hasRestarted;
  }
}
