import type { Logger } from "@syszap/platform";
import { retryUntilAborted } from "@syszap/platform/async";

const backoff = { firstMs: 100, maxMs: 2_000, jitter: "equal" } as const;

/** Lets jobs wait while Postgres is unavailable. One connection check serves all waiting jobs. */
export class DatabaseGate {
  private waiting: Promise<boolean> | undefined;
  private readonly stopping = new AbortController();

  constructor(
    private readonly ping: () => Promise<void>,
    private readonly log: Logger,
  ) {}

  /** Resolves to true when Postgres is available again, and to false when the process stops first. */
  untilAvailable(): Promise<boolean> {
    this.waiting ??= this.wait().finally(() => {
      this.waiting = undefined;
    });
    return this.waiting;
  }

  /** Ends all waiting with false. */
  stop(): void {
    this.stopping.abort();
  }

  private async wait(): Promise<boolean> {
    this.log.warn("postgres is unavailable; jobs wait");
    const answer = await retryUntilAborted(this.ping, { backoff, signal: this.stopping.signal });
    if (!answer) return false;
    this.log.info("postgres is available again; jobs continue");
    return true;
  }
}
