import { keys } from "@syszap/contracts";
import type { Cluster, Redis } from "ioredis";
import { type BusLog, guarded } from "../errors.ts";
import type { Publisher } from "../publisher.ts";
import { redisIdentity } from "./identity.ts";
import { type PublishedRow, windowMs, witnesses } from "./witnesses.ts";

/** What was published in the last minute, oldest first. */
export type ReplaySource = () => Promise<PublishedRow[]>;

export interface ReplayTimes {
  lookEveryMs: number;
  /** A row may be marked only after Redis changed, though it was published before: so long after, all is published once more. */
  repeatAfterMs: number;
}
const defaultTimes: ReplayTimes = { lookEveryMs: 2_000, repeatAfterMs: 15_000 };

/**
 * Publishes again what a Redis that comes back as another one may have lost. What survived is known by its id and stays as
 * it is. Where even the oldest rows are gone nobody can say what else is: that company's log begins anew.
 */
export class Replay {
  private readonly times: ReplayTimes;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private carried: PublishedRow[] = [];
  private repeatAt = Number.POSITIVE_INFINITY;
  private isStopped = false;

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
  }

  start(): void {
    this.schedule();
  }

  /** Resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** Looks whether Redis is another one than the last that was seen to by anybody, and if so publishes again. */
  async look(): Promise<void> {
    const { redis } = this.options;
    const identity = await redisIdentity(redis);
    const isOther = (await guarded(() => redis.get(keys.replayed))) !== identity;
    if (!isOther && Date.now() < this.repeatAt) return;
    this.repeatAt = isOther ? Date.now() + this.times.repeatAfterMs : Number.POSITIVE_INFINITY;
    const lost = await this.publishAgain(isOther);
    // Written last: whoever is interrupted, or meets yet another Redis, leaves it to the next look.
    if (isOther && (await redisIdentity(redis)) === identity) await guarded(() => redis.set(keys.replayed, identity));
    this.options.log.info({ lost }, "published again what this Redis may have lost");
  }

  private async publishAgain(withWitnesses: boolean): Promise<number> {
    const fresh = await this.options.source();
    // What an interrupted run has not come to is older than what the source still tells of.
    this.carried = this.carried.filter(({ publishedAt }) => publishedAt.getTime() > Date.now() - windowMs);
    this.carried = [...this.carried, ...fresh];
    const restarted = withWitnesses && (await this.restart(this.carried));
    // A restart takes with it what was published since the rows were read.
    const rows = restarted ? [...this.carried, ...(await this.options.source())] : this.carried;
    const lost: PublishedRow[] = [];
    for (const { companyId, events } of rows) {
      const again = await this.options.publisher.publishLost(companyId, events);
      if (again.length > 0) lost.push({ companyId, events: again, publishedAt: new Date() });
    }
    this.carried = lost;
    return lost.reduce((sum, { events }) => sum + events.length, 0);
  }

  /** True when a log began anew. */
  private async restart(rows: readonly PublishedRow[]): Promise<boolean> {
    const companies = new Map<string, PublishedRow[]>();
    for (const row of rows) companies.set(row.companyId, [...(companies.get(row.companyId) ?? []), row]);
    let isAny = false;
    for (const [companyId, ofCompany] of companies) {
      const ids = witnesses(ofCompany, Date.now()).flatMap(({ events }) => events.slice(-1).map(({ id }) => id));
      if (!(await this.options.publisher.restartUnlessKnown(companyId, ids))) continue;
      isAny = true;
      this.options.log.warn({ companyId }, "Redis lost more than can be published again: the log begins anew");
    }
    return isAny;
  }

  private schedule(): void {
    if (this.isStopped) return;
    // Spread, so that of several workers mostly one does it.
    const afterMs = this.times.lookEveryMs * (0.5 + Math.random());
    this.timer = setTimeout(() => {
      this.running = this.look()
        .catch((err: unknown) => this.options.log.warn({ err }, "could not see whether Redis is another one"))
        .finally(() => this.schedule());
    }, afterMs).unref();
  }
}
