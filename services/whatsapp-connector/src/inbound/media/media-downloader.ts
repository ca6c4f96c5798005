import type { MissingFile } from "@syszap/contracts";
import { type MediaStore, MediaTooLargeError } from "@syszap/media-store";
import type { Logger } from "@syszap/platform";
import { type Backoff, backoffDelay, pause, resultWithin, withTimeout } from "@syszap/platform/async";
import pLimit, { type LimitFunction } from "p-limit";
import { type Engine, type EngineMedia, MediaError, type Pieces } from "../../engines/contract/engine.ts";
import type { ConnectorMetrics } from "../../metrics.ts";
import { storableText } from "../storable-text.ts";
import { isPending, type MediaOutcome, missingReason } from "./media-outcome.ts";

export interface MediaDownloadTimes {
  /** Concurrent downloads of one session. Each one occupies the session's browser. */
  concurrency: number;
  /** How long a message waits for its file. A slower file follows the message in a `media` job. */
  messageWaitMs: number;
  /** Attempts before the file is left to `MediaRetries`. */
  attempts: number;
  retry: Backoff;
  /** A download fails when the engine delivers nothing for this long. */
  silenceMs: number;
}

export const mediaDownloadTimes: MediaDownloadTimes = {
  concurrency: 3,
  messageWaitMs: 4_000,
  attempts: 3,
  retry: { firstMs: 500, maxMs: 10_000 },
  silenceMs: 60_000,
};

export interface MediaDownloaderDependencies {
  companyId: string;
  /** Throws while no engine runs. */
  engine: () => Engine;
  store: MediaStore;
  limitBytes: number;
  times: MediaDownloadTimes;
  metrics: ConnectorMetrics;
  log: Logger;
  /** Aborts when the process stops; downloads in progress are abandoned. */
  signal: AbortSignal;
}

export interface MediaDownload {
  /** What the message carries. */
  now: MediaOutcome;
  /** The final outcome of a pending file. Undefined when the retries are left to `MediaRetries`. */
  later: Promise<MediaOutcome | undefined>;
}

const settled = (now: MediaOutcome): MediaDownload => ({ now, later: Promise.resolve(undefined) });

/** Waiting downloads of one session. Further files are left to `MediaRetries`, which reads them from Postgres. */
const maxWaiting = 200;

/** Streams the files of one session from WhatsApp into the media store. */
export class MediaDownloader {
  private readonly limit: LimitFunction;

  constructor(private readonly dependencies: MediaDownloaderDependencies) {
    this.limit = pLimit(dependencies.times.concurrency);
  }

  /** Resolves within `messageWaitMs`, with a pending outcome when the file needs longer. Never rejects. */
  async download(media: EngineMedia): Promise<MediaDownload> {
    const { limitBytes, times } = this.dependencies;
    if ((media.sizeBytes ?? 0) > limitBytes) return settled(this.missing(media, "too_large"));
    if (this.limit.pendingCount >= maxWaiting) return settled(this.missing(media, "pending"));
    const fetching = this.fetch(media, times.attempts);
    const inTime = await resultWithin(fetching, times.messageWaitMs);
    if (inTime) return settled(inTime);
    const later = fetching.then((outcome) => (isPending(outcome) ? undefined : outcome));
    return { now: this.missing(media, "pending"), later };
  }

  /** Resolves with a pending outcome when all attempts failed or the process stops. Never rejects. */
  fetch(media: EngineMedia, attempts = 1): Promise<MediaOutcome> {
    return this.limit(() => this.tryRepeatedly(media, attempts));
  }

  private async tryRepeatedly(media: EngineMedia, attempts: number): Promise<MediaOutcome> {
    const { signal, times, log } = this.dependencies;
    for (let attempt = 1; attempt <= attempts && !signal.aborted; attempt += 1) {
      if (attempt > 1) await pause(Math.max(times.retry.firstMs, backoffDelay(attempt - 1, times.retry)), signal);
      try {
        return await this.store(media);
      } catch (err) {
        if (signal.aborted) break;
        if (err instanceof MediaTooLargeError) return this.missing(media, "too_large");
        if (err instanceof MediaError && err.kind !== "transient") return this.missing(media, stateOf(err.kind));
        log.warn({ err, attempt }, "media download failed");
      }
    }
    return this.missing(media, "pending");
  }

  private async store(media: EngineMedia): Promise<MediaOutcome> {
    const { companyId, engine, store, limitBytes, metrics } = this.dependencies;
    const pieces = engine().downloadMedia(media, limitBytes);
    const stored = await store.put(this.untilSilent(pieces), {
      companyId,
      mimeType: media.mimeType,
      fileName: media.fileName,
    });
    metrics.media.inc({ outcome: "stored" });
    metrics.mediaBytes.inc(stored.size);
    return { media: stored };
  }

  /** Passes the pieces on. Throws when none arrives for `silenceMs`, or when the process stops. */
  private async *untilSilent(pieces: Pieces): AsyncGenerator<Uint8Array> {
    const { signal, times } = this.dependencies;
    const iterator = pieces[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await withTimeout(iterator.next(), {
          timeoutMs: times.silenceMs,
          error: () => new MediaError("the engine stopped delivering the file", "transient"),
          signal,
        });
        if (next.done === true) return;
        if (next.value.byteLength > 0) yield next.value;
      }
    } finally {
      iterator.return?.().catch(() => undefined); // not awaited: an engine that hangs may never answer
    }
  }

  private missing(media: EngineMedia, state: MissingFile["state"]): MediaOutcome {
    const { limitBytes, metrics } = this.dependencies;
    metrics.media.inc({ outcome: state });
    const isTooLarge = state === "too_large";
    return {
      missingMedia: {
        state,
        reason: missingReason(state, limitBytes),
        mimeType: storableText(media.mimeType, 200),
        fileName: media.fileName && storableText(media.fileName, 255),
        size: media.sizeBytes ?? null,
        limit: isTooLarge ? limitBytes : null,
      },
      ...(!isTooLarge && { mediaHandle: media.handle }),
    };
  }
}

const stateOf = (kind: "too_large" | "gone"): MissingFile["state"] => (kind === "gone" ? "unavailable" : kind);
