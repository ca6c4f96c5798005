import type { DurableFrame } from "@syszap/client";
import type { QueryClient } from "@tanstack/react-query";
import { queryKeys } from "./query-client.ts";

/** Collects the events of one transaction. */
const firstDelayMs = 50;
/** Least time from the start of one read to that of the next. A hidden page shows the count only in the title of its tab. */
const intervalMs = { visible: 1_000, hidden: 5_000 } as const;

/**
 * Reads the unread counts again after each event that may change them, at most one read at a time and once per interval. The server
 * counts absolutely and within the user's reach, so the last read is right whatever was missed before.
 */
export class CountReads {
  private isStale = false;
  private isRunning = false;
  private isStopped = false;
  private lastReadAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly cache: QueryClient) {}

  onFrame({ type }: Pick<DurableFrame, "type">): void {
    if (type !== "chat_update" && type !== "chat_gone") return;
    this.isStale = true;
    if (!this.isRunning) void this.run();
  }

  stop(): void {
    this.isStopped = true;
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    while (this.isStale && !this.isStopped) {
      const interval = isHidden() ? intervalMs.hidden : intervalMs.visible;
      await delay(Math.max(firstDelayMs, this.lastReadAtMs + interval - performance.now()));
      this.isStale = false;
      this.lastReadAtMs = performance.now();
      // A read that began before the event may lack its change. Invalidating does not cancel the first read of a query.
      await this.cache.cancelQueries({ queryKey: queryKeys.inboxCounts });
      await this.cache.invalidateQueries({ queryKey: queryKeys.inboxCounts });
    }
    this.isRunning = false;
  }
}

const isHidden = (): boolean => typeof document !== "undefined" && document.visibilityState === "hidden";

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
