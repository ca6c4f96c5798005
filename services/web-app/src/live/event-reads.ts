import type { DurableFrame } from "@syszap/client";
import type { QueryClient, QueryKey } from "@tanstack/react-query";

interface EventReadsOptions {
  queryKey: QueryKey;
  /** Whether the event may change what the query reads. */
  isConcerned: (frame: DurableFrame) => boolean;
  /** Least time from the start of one read to that of the next. */
  intervalMs: { visible: number; hidden: number };
  /** Share of the time in which the query may be read: slow reads become rarer, so that a page does not keep a busy server at work. */
  maxShare?: number;
}

/** Collects the events of one transaction. */
const firstDelayMs = 50;

/**
 * Reads a query again after each event that may change it, at most one read at a time and once per interval. For what the server counts
 * absolutely: the last read follows the last event, so it is right whatever was missed before.
 */
export class EventReads {
  private isStale = false;
  private isRunning = false;
  private isStopped = false;
  private lastReadAtMs = Number.NEGATIVE_INFINITY;
  private lastReadMs = 0;

  constructor(
    private readonly cache: QueryClient,
    private readonly options: EventReadsOptions,
  ) {}

  onFrame(frame: DurableFrame): void {
    if (this.options.isConcerned(frame)) this.readAgain();
  }

  readAgain(): void {
    this.isStale = true;
    if (!this.isRunning) void this.run();
  }

  stop(): void {
    this.isStopped = true;
  }

  private async run(): Promise<void> {
    const { queryKey, intervalMs, maxShare = 1 } = this.options;
    this.isRunning = true;
    while (this.isStale && !this.isStopped) {
      const least = isHidden() ? intervalMs.hidden : intervalMs.visible;
      const interval = Math.max(least, this.lastReadMs / maxShare);
      await delay(Math.max(firstDelayMs, this.lastReadAtMs + interval - performance.now()));
      this.isStale = false;
      this.lastReadAtMs = performance.now();
      // A read that began before the event may lack its change. Invalidating does not cancel the first read of a query.
      await this.cache.cancelQueries({ queryKey });
      await this.cache.invalidateQueries({ queryKey });
      this.lastReadMs = performance.now() - this.lastReadAtMs;
    }
    this.isRunning = false;
  }
}

const isHidden = (): boolean => typeof document !== "undefined" && document.visibilityState === "hidden";

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
