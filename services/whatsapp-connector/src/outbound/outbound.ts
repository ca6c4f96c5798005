import { queues, workerSettings } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { Worker } from "bullmq";
import type { Redis } from "ioredis";
import { delayBefore, pause } from "../backoff.ts";
import { Coalesced } from "../coalesced.ts";
import type { Engine } from "../engines/engine.ts";
import type { Lease } from "../lease.ts";
import type { ConnectorMetrics } from "../metrics.ts";
import { Delivery } from "./delivery.ts";
import type { OutboundTimes } from "./times.ts";

const clockMarginMs = 5;
const lookAgainMs = 50;

export interface OutboundDependencies {
  database: Database;
  /** Has the role "queue-worker"; all sessions share it, each worker adds one blocking connection of its own. */
  queueRedis: Redis;
  times: OutboundTimes;
  metrics: ConnectorMetrics;
  log: Logger;
}

/** Sends a session's queued messages while it is connected: oldest first, one at a time; none passes another. */
export class Outbound {
  private worker: Worker | undefined;
  private readonly draining = new Coalesced(() => this.drain());
  private timer: NodeJS.Timeout | undefined;
  private paused = new AbortController();
  private readonly delivery: Delivery;

  constructor(
    private readonly lease: Lease,
    engine: () => Engine,
    private readonly given: OutboundDependencies,
  ) {
    this.paused.abort();
    this.delivery = new Delivery(lease, { ...given, engine, mayGoOn: () => this.mayGoOn });
  }

  /** The session is connected. Begins with what was queued while nobody could send it. */
  start(): void {
    if (!this.paused.signal.aborted) return;
    this.paused = new AbortController();
    const { queueRedis, log } = this.given;
    this.worker = new Worker(queues.outboundMessages(this.lease.sessionId), async () => this.ring(), {
      connection: queueRedis,
      ...workerSettings,
    });
    this.worker.on("error", (err) => log.debug({ err }, "outbound worker lost its connection"));
    this.ring();
  }

  /** The session is not connected. Resolves when nothing is being sent any more. */
  async pause(): Promise<void> {
    this.paused.abort();
    clearTimeout(this.timer);
    const { worker } = this;
    this.worker = undefined;
    await Promise.all([worker?.close(true), this.draining.idle()]);
  }

  /** There may be something to send. */
  ring(): void {
    if (this.paused.signal.aborted) return;
    clearTimeout(this.timer);
    void this.draining.request();
  }

  private async drain(): Promise<void> {
    try {
      await this.sendAll();
    } catch (err) {
      this.given.log.warn({ err, sessionId: this.lease.sessionId }, "outbound queue not read, it will be tried again");
      this.ringAfter(delayBefore(2, this.given.times.retry));
    }
  }

  private async sendAll(): Promise<void> {
    const { companyId, sessionId, generation } = this.lease;
    while (this.mayGoOn) {
      const { next, nextAt } = await this.given.database.withCompany(companyId, async ({ messages }) => {
        const claimed = await messages.claimNextQueued({ sessionId, generation });
        return { next: claimed, nextAt: claimed ? undefined : await messages.nextAttemptAt(sessionId) };
      });
      if (!next) {
        // Due already, but not ours to claim just now: it became due between the two questions, or the lease is gone.
        if (nextAt) this.ringAfter(Math.max(nextAt.getTime() - Date.now() + clockMarginMs, lookAgainMs));
        return;
      }
      await this.delivery.deliver(next);
      await pause(this.given.times.minimumGapMs, this.paused.signal);
    }
  }

  private ringAfter(delayMs: number): void {
    clearTimeout(this.timer);
    if (!this.paused.signal.aborted) this.timer = setTimeout(() => this.ring(), delayMs);
  }

  private get mayGoOn(): boolean {
    return !this.paused.signal.aborted && this.lease.mayAct;
  }
}
