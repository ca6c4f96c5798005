import type { DueDownload, SystemRepositories } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { PeriodicTask, resultWithin } from "@syszap/platform/async";
import type { EngineMedia } from "../../engines/contract/engine.ts";
import type { MessageOwner } from "../message-owner.ts";
import { isPending, type MediaOutcome, missingReason } from "./media-outcome.ts";

export interface MediaRetryTimes {
  lookEveryMs: number;
  /** With `retryAfterMs` doubling up to `maxRetryAfterMs`, the attempts span about six hours. */
  attempts: number;
  retryAfterMs: number;
  maxRetryAfterMs: number;
  /** Concurrent retries of all sessions here. Each session's own download limit applies as well. */
  concurrency: number;
}

export const mediaRetryTimes: MediaRetryTimes = {
  lookEveryMs: 2_000,
  attempts: 9,
  retryAfterMs: 60_000,
  maxRetryAfterMs: 7_200_000,
  concurrency: 12,
};

export interface MediaRetriesDependencies {
  due: SystemRepositories["dueDownloads"];
  /** Sessions that are connected here. */
  sessions(): string[];
  /** Keys of messages whose files are being downloaded already. */
  busy(): string[];
  fetch(owner: MessageOwner, media: EngineMedia): Promise<MediaOutcome>;
  /** Receives the final outcome of a file. */
  onOutcome(owner: MessageOwner, outcome: MediaOutcome, attempt: number): void;
  times: MediaRetryTimes;
  log: Logger;
}

const graceMs = 1_000;

/**
 * Retries the download of files that messages lack. The rows in Postgres hold the schedule, so the connector that runs the
 * session next continues. The worker deletes a row in the transaction that stores the message's file.
 */
export class MediaRetries {
  private readonly inProgress = new Set<Promise<void>>();
  private isClosing = false;
  private readonly looking: PeriodicTask;

  constructor(private readonly dependencies: MediaRetriesDependencies) {
    this.looking = new PeriodicTask({
      everyMs: dependencies.times.lookEveryMs,
      run: () => this.look(),
      onError: (err) => dependencies.log.warn({ err }, "could not read which files are due for a retry"),
      jitterRatio: 0,
      runsAtStart: true,
    });
  }

  start(): void {
    this.looking.start();
  }

  /** Waits up to the grace period for downloads in progress. Their rows make them due again. */
  async close(): Promise<void> {
    this.isClosing = true;
    await this.looking.stop();
    await resultWithin(Promise.all(this.inProgress), graceMs);
  }

  private async look(): Promise<void> {
    const { due, sessions, busy, times } = this.dependencies;
    const claimed = await due.claim({
      sessionIds: sessions(),
      busy: busy(),
      limit: times.concurrency - this.inProgress.size,
      retryAfterMs: times.retryAfterMs,
      maxRetryAfterMs: times.maxRetryAfterMs,
    });
    for (const download of claimed) {
      const work: Promise<void> = this.tryOnce(download).finally(() => this.inProgress.delete(work));
      this.inProgress.add(work);
    }
  }

  private async tryOnce(download: DueDownload): Promise<void> {
    const { fetch, onOutcome, times } = this.dependencies;
    const { handle, mimeType, fileName, size, attempts } = download;
    const isExhausted = attempts > times.attempts; // an earlier process died during the last attempt
    const outcome = isExhausted
      ? givenUp(download)
      : await fetch(download, { handle, mimeType, fileName, ...(size !== null && { sizeBytes: size }) });
    if (this.isClosing && isPending(outcome)) return;
    if (!isPending(outcome)) onOutcome(download, outcome, attempts);
    else if (attempts >= times.attempts) onOutcome(download, givenUp(download), attempts);
  }
}

function givenUp({ mimeType, fileName, size }: DueDownload): MediaOutcome {
  const state = "unavailable";
  return { missingMedia: { state, reason: missingReason(state, 0), mimeType, fileName, size, limit: null } };
}
