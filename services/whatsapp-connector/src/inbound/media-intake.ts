import { Readable } from "node:stream";
import type { MissingFile, StoredFile } from "@syszap/contracts";
import { type MediaStore, MediaTooLargeError } from "@syszap/media-store";
import type { Logger } from "@syszap/platform";
import { type Backoff, backoffDelay, pause, resultWithin, withTimeout } from "@syszap/platform/async";
import pLimit, { type LimitFunction } from "p-limit";
import { type Engine, type EngineMedia, MediaError, type Pieces } from "../engines/contract/engine.ts";
import type { ConnectorMetrics } from "../metrics.ts";
import { storable } from "./jobs.ts";

export interface MediaTimes {
  /** Downloads of a session at once; each is held by its browser while it runs. */
  atOnce: number;
  /** How long a message waits for its file: what takes longer follows it. */
  patienceMs: number;
  /** Downloads that began and broke, until the file is left to `LateMedia`. */
  tries: number;
  retry: Backoff;
  /** An engine that says nothing for so long is not waited for. */
  silenceMs: number;
}
export const mediaIntakeTimes: MediaTimes = {
  atOnce: 3,
  patienceMs: 4_000,
  tries: 3,
  retry: { firstMs: 500, maxMs: 10_000 },
  silenceMs: 60_000,
};

export interface MediaIntakeDependencies {
  companyId: string;
  /** Throws while none runs. */
  engine: () => Engine;
  store: MediaStore;
  limitBytes: number;
  times: MediaTimes;
  metrics: ConnectorMetrics;
  log: Logger;
  /** Aborted when the process ends: what is under way is given up. */
  signal: AbortSignal;
}
/** What becomes of a message's file. With the handle, it can be tried again. */
export type TakenMedia = { media: StoredFile } | { missingMedia: MissingFile; mediaHandle?: string };

export const isPending = (taken: TakenMedia): boolean =>
  "missingMedia" in taken && taken.missingMedia.state === "pending";

export interface Taking {
  now: TakenMedia;
  /** Of a pending file, when the work here is over: undefined when the rest is left to `LateMedia`, as by a killed process. */
  later: Promise<TakenMedia | undefined>;
}
const atOnce = (now: TakenMedia): Taking => ({ now, later: Promise.resolve(undefined) });

/** Of a session: beyond, files wait for their turn in Postgres instead of here. */
const mostWaiting = 200;

/** Brings the files of one session from WhatsApp into the media store, piece by piece. */
export class MediaIntake {
  private readonly downloads: LimitFunction;

  constructor(private readonly given: MediaIntakeDependencies) {
    this.downloads = pLimit(given.times.atOnce);
  }

  /** Never rejects, and answers within the patience: `pending` when the file needs longer. */
  async take(media: EngineMedia): Promise<Taking> {
    const { limitBytes, times } = this.given;
    if ((media.sizeBytes ?? 0) > limitBytes) return atOnce(this.missing(media, "too_large"));
    if (this.downloads.pendingCount >= mostWaiting) return atOnce(this.missing(media, "pending"));
    const fetching = this.fetch(media, times.tries);
    const first = await resultWithin(fetching, times.patienceMs);
    if (first) return atOnce(first);
    const later = fetching.then((taken) => (isPending(taken) ? undefined : taken));
    return { now: this.missing(media, "pending"), later };
  }

  /** Never rejects. `pending`: every try broke, or the process ends. */
  fetch(media: EngineMedia, tries = 1): Promise<TakenMedia> {
    return this.downloads(() => this.tryRepeatedly(media, tries));
  }

  private async tryRepeatedly(media: EngineMedia, tries: number): Promise<TakenMedia> {
    const { signal, times, log } = this.given;
    for (let tried = 0; tried < tries && !signal.aborted; tried += 1) {
      if (tried > 0) await pause(Math.max(times.retry.firstMs, backoffDelay(tried, times.retry)), signal);
      try {
        return await this.download(media);
      } catch (err) {
        if (signal.aborted) break;
        if (err instanceof MediaTooLargeError) return this.missing(media, "too_large");
        if (err instanceof MediaError && err.kind !== "transient") return this.missing(media, stateOf(err.kind));
        log.warn({ err, tried: tried + 1 }, "media not stored");
      }
    }
    return this.missing(media, "pending");
  }

  private async download(media: EngineMedia): Promise<TakenMedia> {
    const { companyId, engine, store, limitBytes, metrics } = this.given;
    const pieces = engine().downloadMedia(media, limitBytes);
    const bytes = Readable.from(this.watched(pieces), { objectMode: false });
    const stored = await store.put(bytes, { companyId, mimeType: media.mimeType, fileName: media.fileName });
    metrics.media.inc({ outcome: "stored" });
    metrics.mediaBytes.inc(stored.size);
    return { media: stored };
  }

  /** The same file, for as long as something comes and the session runs. */
  private async *watched(pieces: Pieces): AsyncGenerator<Uint8Array> {
    const { signal, times } = this.given;
    const iterator = pieces[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await withTimeout(iterator.next(), {
          timeoutMs: times.silenceMs,
          error: () => new MediaError("the engine sends nothing of the file any more", "transient"),
          signal,
        });
        if (next.done === true) return;
        if (next.value.byteLength > 0) yield next.value;
      }
    } finally {
      iterator.return?.().catch(() => undefined); // not awaited: what hangs may never answer
    }
  }

  private missing(media: EngineMedia, state: MissingFile["state"]): TakenMedia {
    const { limitBytes, metrics } = this.given;
    metrics.media.inc({ outcome: state });
    const isTooLarge = state === "too_large";
    return {
      missingMedia: {
        state,
        reason: reasonOf(state, limitBytes),
        mimeType: storable(media.mimeType, 200),
        fileName: media.fileName && storable(media.fileName, 255),
        size: media.sizeBytes ?? null,
        limit: isTooLarge ? limitBytes : null,
      },
      ...(!isTooLarge && { mediaHandle: media.handle }),
    };
  }
}

const stateOf = (kind: "too_large" | "gone"): MissingFile["state"] => (kind === "gone" ? "unavailable" : kind);

/** In English, for people. */
export function reasonOf(state: MissingFile["state"], limitBytes: number): string {
  if (state === "pending") return "The file is still on its way.";
  if (state === "unavailable") return "WhatsApp did not hand over the file. Open it on the phone.";
  return `The file is larger than ${Math.round(limitBytes / 1e6)} MB, the most that is kept here. Open it on the phone.`;
}
