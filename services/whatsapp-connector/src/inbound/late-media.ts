import { setTimeout as delay } from "node:timers/promises";
import type { DueDownload, SystemRepositories } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { pause } from "@syszap/platform/async";
import type { EngineMedia } from "../engines/contract/engine.ts";
import type { MessageOwner } from "./jobs.ts";
import { isPending, reasonOf, type TakenMedia } from "./media-intake.ts";

export interface LateMediaTimes {
  lookEveryMs: number;
  /** Together with `retryAfterMs` doubling to `maxRetryAfterMs`: about six hours. */
  attempts: number;
  retryAfterMs: number;
  maxRetryAfterMs: number;
  /** Of all sessions here; each session also takes its own turns. */
  atOnce: number;
}
export const lateMediaTimes: LateMediaTimes = {
  lookEveryMs: 2_000,
  attempts: 9,
  retryAfterMs: 60_000,
  maxRetryAfterMs: 7_200_000,
  atOnce: 12,
};

export interface LateMediaDependencies {
  due: SystemRepositories["dueDownloads"];
  /** Sessions that are connected here. */
  sessions(): string[];
  /** Messages whose files are on their way already. */
  busy(): string[];
  fetch(owner: MessageOwner, media: EngineMedia): Promise<TakenMedia>;
  came(owner: MessageOwner, taken: TakenMedia, attempt: number): void;
  times: LateMediaTimes;
  log: Logger;
}

const graceMs = 1_000;

/**
 * Tries again for files that messages are still without: their rows in Postgres say which and when, so it goes on wherever the
 * session runs next. A row ends with the worker's transaction that gives the message its file.
 */
export class LateMedia {
  private readonly underWay = new Set<Promise<void>>();
  private readonly closing = new AbortController();
  private loop: Promise<void> = Promise.resolve();

  constructor(private readonly given: LateMediaDependencies) {}

  start(): void {
    this.loop = this.repeat();
  }

  /** What is under way is given up soon: its row brings it back. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.loop;
    await Promise.race([Promise.all(this.underWay), delay(graceMs, undefined, { ref: false })]);
  }

  private async repeat(): Promise<void> {
    const { times, log } = this.given;
    while (!this.closing.signal.aborted) {
      await this.look().catch((err: unknown) => log.warn({ err }, "could not look for files that are missing"));
      await pause(times.lookEveryMs, this.closing.signal);
    }
  }

  private async look(): Promise<void> {
    const { due, sessions, busy, times } = this.given;
    const claimed = await due.claim({
      sessionIds: sessions(),
      busy: busy(),
      limit: times.atOnce - this.underWay.size,
      retryAfterMs: times.retryAfterMs,
      maxRetryAfterMs: times.maxRetryAfterMs,
    });
    for (const download of claimed) {
      const work: Promise<void> = this.tryOnce(download).finally(() => this.underWay.delete(work));
      this.underWay.add(work);
    }
  }

  private async tryOnce(download: DueDownload): Promise<void> {
    const { fetch, came, times } = this.given;
    const { handle, mimeType, fileName, size, attempts } = download;
    const isOver = attempts > times.attempts; // an earlier process died in the last try
    const taken = isOver
      ? givenUp(download)
      : await fetch(download, { handle, mimeType, fileName, ...(size !== null && { sizeBytes: size }) });
    if (this.closing.signal.aborted && isPending(taken)) return;
    if (!isPending(taken)) came(download, taken, attempts);
    else if (attempts >= times.attempts) came(download, givenUp(download), attempts);
  }
}

function givenUp({ mimeType, fileName, size }: DueDownload): TakenMedia {
  const state = "unavailable";
  return { missingMedia: { state, reason: reasonOf(state, 0), mimeType, fileName, size, limit: null } };
}
