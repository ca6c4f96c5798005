import type { Database } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import type { MediaStore } from "@syszap/media-store";
import type { Logger } from "@syszap/platform";
import { backoffDelay, SingleFlight } from "@syszap/platform/async";
import type { Engine } from "../engines/contract/engine.ts";
import type { Lease } from "../lease.ts";
import type { ConnectorMetrics } from "../metrics.ts";
import { Delivery } from "./delivery.ts";
import { Pacing } from "./pacing.ts";
import type { OutboundTimes } from "./times.ts";

const clockMarginMs = 5;
/** Avoids a busy loop when a row is due that this owner cannot claim. */
const minWaitMs = 20;
/** Rows that are due later are looked for again after this time. Far below the overflow of a timer. */
const maxWaitMs = 3_600_000;

export interface OutboundDependencies {
  database: Database;
  media: Pick<MediaStore, "open">;
  publisher: Publisher;
  times: OutboundTimes;
  metrics: ConnectorMetrics;
  log: Logger;
}

/**
 * Sends a session's queued messages while it is connected: one at a time, paced, the oldest first that may go. A message never
 * passes an older one of its chat.
 */
export class Outbound {
  private readonly sending = new SingleFlight(() => this.sendAllOrRetry());
  private timer: NodeJS.Timeout | undefined;
  private paused = new AbortController();
  private readonly pacing: Pacing;
  private readonly delivery: Delivery;

  constructor(
    private readonly lease: Lease,
    engine: () => Engine,
    private readonly dependencies: OutboundDependencies,
  ) {
    this.paused.abort();
    this.pacing = new Pacing(lease, dependencies);
    const maySend = () => this.maySend;
    this.delivery = new Delivery(lease, { ...dependencies, pacing: this.pacing, engine, maySend });
  }

  /** Called when the session is connected. Sends the messages that were queued before. */
  start(): void {
    if (!this.paused.signal.aborted) return;
    this.paused = new AbortController();
    this.pacing.publishNext();
    this.sendQueued();
  }

  /** Called when the session is not connected. Resolves when nothing is being sent. */
  async pause(): Promise<void> {
    this.paused.abort();
    clearTimeout(this.timer);
    await this.sending.idle();
  }

  /** Reads the queue now, or once more when it is being read. Does nothing while paused. */
  sendQueued(): void {
    if (this.paused.signal.aborted) return;
    clearTimeout(this.timer);
    void this.sending.request();
  }

  private async sendAllOrRetry(): Promise<void> {
    const { log, times } = this.dependencies;
    try {
      await this.sendAll();
    } catch (err) {
      log.warn({ err, sessionId: this.lease.sessionId }, "outbound queue not read, it will be tried again");
      this.sendQueuedAfter(backoffDelay(2, times.retry));
    }
  }

  private async sendAll(): Promise<void> {
    while (this.maySend) {
      const claim = await this.pacing.claim();
      if (!claim.message) {
        if (claim.waitMs !== undefined) this.sendQueuedAfter(claim.waitMs + clockMarginMs);
        return;
      }
      await this.delivery.deliver(claim.message, this.paused.signal);
    }
  }

  private sendQueuedAfter(delayMs: number): void {
    clearTimeout(this.timer);
    const boundedMs = Math.min(Math.max(delayMs, minWaitMs), maxWaitMs);
    if (!this.paused.signal.aborted) this.timer = setTimeout(() => this.sendQueued(), boundedMs);
  }

  private get maySend(): boolean {
    return !this.paused.signal.aborted && this.lease.mayAct;
  }
}
