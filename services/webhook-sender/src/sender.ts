import { jittered, pause } from "@syszap/platform/async";
import { LaneRun, type LaneRunOptions } from "./lane-run.ts";

/** Interval between searches for due events while nothing is due. */
const pollMs = 250;
const maxBackoffMs = 2_000;
const jitterRatio = 0.25;

export interface SenderOptions extends LaneRunOptions {
  /** Endpoints served concurrently. */
  maxLanes: number;
  /** Lease of a lane: other senders may claim it when its sender died without releasing it. */
  leaseMs: number;
}

/** Finds endpoints with due events and sends them. Senders coordinate through Postgres only. */
export class Sender {
  private readonly runs = new Set<Promise<void>>();
  private running: Promise<void> | undefined;
  private isStopping = false;
  private sleep = new AbortController();

  constructor(private readonly options: SenderOptions) {}

  start(): void {
    this.running = this.loop();
  }

  /** Resolves when every request in progress has ended and its outcome is recorded. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.wake();
    await this.running;
    await Promise.all(this.runs);
  }

  private async loop(): Promise<void> {
    let failures = 0;
    while (!this.isStopping) {
      try {
        const mayHaveMore = await this.claimAndServe();
        failures = 0;
        if (!mayHaveMore) await this.pause(pollMs);
      } catch (err) {
        if (failures++ === 0) this.options.log.warn({ err }, "webhooks are delayed: the database is not available");
        await this.pause(Math.min(pollMs * 2 ** failures, maxBackoffMs));
      }
    }
  }

  /** Returns true when another claim may find more lanes at once. */
  private async claimAndServe(): Promise<boolean> {
    const { lanes, holder, maxLanes, leaseMs, log } = this.options;
    const limit = maxLanes - this.runs.size;
    if (limit <= 0) {
      await Promise.race(this.runs);
      return true;
    }
    const claimed = await lanes.claim({ holder, limit, forMs: leaseMs });
    for (const lane of claimed) {
      const run = new LaneRun(this.options, lane, () => this.isStopping)
        .run()
        .catch((err: unknown) => log.warn({ err }, "sending to an endpoint was interrupted and will be retried"))
        .finally(() => {
          this.runs.delete(run);
          this.wake();
        });
      this.runs.add(run);
    }
    return claimed.length === limit;
  }

  private async pause(ms: number): Promise<void> {
    this.sleep = new AbortController();
    await pause(jittered(ms, jitterRatio), this.sleep.signal);
  }

  private wake(): void {
    this.sleep.abort();
  }
}
