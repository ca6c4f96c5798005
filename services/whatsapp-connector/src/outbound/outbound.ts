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
/** What was due already and was not ours to claim is not asked for without end. */
const leastLookMs = 20;
/** What is due later than that is looked for again. Far below where a timer would overflow. */
const longestLookMs = 3_600_000;

export interface OutboundDependencies {
  database: Database;
  media: Pick<MediaStore, "open">;
  publisher: Publisher;
  times: OutboundTimes;
  metrics: ConnectorMetrics;
  log: Logger;
}

/** Sends a session's queued messages while it is connected: one at a time and paced, the oldest first that may go; none passes another of its chat. */
export class Outbound {
  private readonly draining = new SingleFlight(() => this.drain());
  private timer: NodeJS.Timeout | undefined;
  private paused = new AbortController();
  private readonly pacing: Pacing;
  private readonly delivery: Delivery;

  constructor(
    private readonly lease: Lease,
    engine: () => Engine,
    private readonly given: OutboundDependencies,
  ) {
    this.paused.abort();
    this.pacing = new Pacing(lease, given);
    const mayGoOn = () => this.mayGoOn;
    this.delivery = new Delivery(lease, { ...given, pacing: this.pacing, engine, mayGoOn });
  }

  /** The session is connected. Begins with what was queued while nobody could send it. */
  start(): void {
    if (!this.paused.signal.aborted) return;
    this.paused = new AbortController();
    this.pacing.tellAgain();
    this.sendQueued();
  }

  /** The session is not connected. Resolves when nothing is being sent any more. */
  async pause(): Promise<void> {
    this.paused.abort();
    clearTimeout(this.timer);
    await this.draining.idle();
  }

  /** Reads the queue now, or once more when it is being read. Does nothing while paused. */
  sendQueued(): void {
    if (this.paused.signal.aborted) return;
    clearTimeout(this.timer);
    void this.draining.request();
  }

  private async drain(): Promise<void> {
    try {
      await this.sendAll();
    } catch (err) {
      this.given.log.warn({ err, sessionId: this.lease.sessionId }, "outbound queue not read, it will be tried again");
      this.lookAfter(backoffDelay(2, this.given.times.retry));
    }
  }

  private async sendAll(): Promise<void> {
    while (this.mayGoOn) {
      const claim = await this.pacing.claim();
      if (!claim.message) {
        if (claim.lookInMs !== undefined) this.lookAfter(claim.lookInMs + clockMarginMs);
        return;
      }
      await this.delivery.deliver(claim.message, this.paused.signal);
    }
  }

  private lookAfter(delayMs: number): void {
    clearTimeout(this.timer);
    const boundedMs = Math.min(Math.max(delayMs, leastLookMs), longestLookMs);
    if (!this.paused.signal.aborted) this.timer = setTimeout(() => this.sendQueued(), boundedMs);
  }

  private get mayGoOn(): boolean {
    return !this.paused.signal.aborted && this.lease.mayAct;
  }
}
