import { PeriodicTask } from "@syszap/platform/async";
import type { Cluster, Redis } from "ioredis";
import type { BusLog } from "../errors.ts";
import type { Publisher } from "../publisher.ts";
import { redisIdentity } from "./identity.ts";
import { type Marker, readMarker, writeMarker } from "./marker.ts";
import { isLossWithinWindow, type PublishedRow, rowsToCheck } from "./survival-check.ts";

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
 * repeated. If more may be lost than the source returns, the log of each company with recent events starts anew.
 */
export class Replay {
  private readonly times: ReplayTimes;
  private readonly task: PeriodicTask;

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
      onError: this.onError,
    });
  }

  private readonly onError = (err: unknown) => this.options.log.warn({ err }, "checking the identity of Redis failed");

  /**
   * Checks once, then periodically. Await it before the process publishes events: without a marker, as in an empty Redis, a later
   * check would start the logs anew that these events are in.
   */
  async start(): Promise<void> {
    await this.check().catch(this.onError);
    this.task.start();
  }

  /** Resolves when the current check has ended. */
  stop(): Promise<void> {
    return this.task.stop();
  }

  /**
   * Publishes again if no worker did so yet for this Redis, and once more later. Otherwise only renews the marker. The marker is
   * written last, so that after an interruption, or another change of Redis, the next check repeats the replay.
   */
  async check(): Promise<void> {
    const { redis } = this.options;
    const identity = await redisIdentity(redis);
    const marker = await readMarker(redis);
    const completeAt = Date.now();
    const isOther = marker?.identity !== identity;
    if (!isOther && completeAt < marker.repeatAt) return;
    if (isOther) await this.publishAgain((rows) => this.restartLostLogs(rows, marker));
    else if (marker.repeatAt > 0) await this.publishAgain(async () => false);
    const repeatAt = isOther ? Date.now() + this.times.repeatAfterMs : 0;
    await writeMarker(redis, { identity, completeAt, repeatAt });
  }

  /** `restart` returns true if it started a log anew. */
  private async publishAgain(restart: (rows: readonly PublishedRow[]) => Promise<boolean>): Promise<void> {
    const fresh = await this.options.source();
    // A restart also deletes what was published after the rows were read.
    const rows = (await restart(fresh)) ? [...fresh, ...(await this.options.source())] : fresh;
    let lost = 0;
    for (const { companyId, events } of rows)
      lost += (await this.options.publisher.publishLost(companyId, events)).length;
    this.options.log.info({ lost }, "published events again that Redis may have lost");
  }

  /** Returns true if at least one log was started anew. */
  private async restartLostLogs(rows: readonly PublishedRow[], marker: Marker | undefined): Promise<boolean> {
    const { redis, publisher, log } = this.options;
    const isWithinWindow = isLossWithinWindow(marker?.completeAt ?? 0, Date.now());
    if (isWithinWindow && !redis.isCluster) return false;
    const companies = new Map<string, PublishedRow[]>();
    for (const row of rows) companies.set(row.companyId, [...(companies.get(row.companyId) ?? []), row]);
    let hasRestarted = false;
    for (const [companyId, ofCompany] of companies) {
      const toCheck = isWithinWindow ? rowsToCheck(ofCompany, Date.now()) : [];
      const ids = toCheck.flatMap(({ events }) => events.slice(-1).map(({ id }) => id));
      if (!(await publisher.restartUnlessKnown(companyId, ids))) continue;
      hasRestarted = true;
      log.warn({ companyId }, "Redis lost more than can be published again: started a new log");
    }
    return hasRestarted;
  }
}
