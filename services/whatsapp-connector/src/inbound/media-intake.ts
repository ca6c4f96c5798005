import { Readable } from "node:stream";
import type { MissingFile, StoredFile } from "@syszap/contracts";
import { type MediaStore, MediaTooLargeError } from "@syszap/media-store";
import type { Logger } from "@syszap/platform";
import { type Backoff, delayBefore, pause } from "../backoff.ts";
import { type Engine, type EngineMedia, MediaError, type Pieces, SendError } from "../engines/engine.ts";
import type { ConnectorMetrics } from "../metrics.ts";
import { storable } from "./jobs.ts";
import { Turns } from "./turns.ts";

export interface MediaTimes {
  /** Downloads of a session at once; each is held by its browser while it runs. */
  atOnce: number;
  /** Downloads that began and broke, until the message arrives without its file. */
  tries: number;
  retry: Backoff;
  /** An engine that says nothing for so long is not waited for. */
  silenceMs: number;
  /** How long a phone may be away before that counts as a try: longer than an engine that breaks again and again takes to come back. */
  awayMs: number;
}
export const mediaIntakeTimes: MediaTimes = {
  atOnce: 3,
  tries: 3,
  retry: { firstMs: 500, mostMs: 10_000 },
  silenceMs: 60_000,
  awayMs: 300_000,
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
  /** Aborted when the session ends: what is under way is given up. */
  signal: AbortSignal;
}
/** What becomes of a message's file. */
export type TakenMedia = { media: StoredFile } | { missingMedia: MissingFile };

/** Brings the files of one session from WhatsApp into the media store, piece by piece. */
export class MediaIntake {
  private readonly turns: Turns;

  constructor(private readonly given: MediaIntakeDependencies) {
    this.turns = new Turns(given.times.atOnce);
  }

  /** Never rejects. Undefined when the session ended first: the message then waits for its next owner. */
  take(media: EngineMedia): Promise<TakenMedia | undefined> {
    if ((media.sizeBytes ?? 0) > this.given.limitBytes) return Promise.resolve(this.missing(media, "too_large"));
    return this.turns.run(() => this.tryRepeatedly(media));
  }

  private async tryRepeatedly(media: EngineMedia): Promise<TakenMedia | undefined> {
    const { signal, times, log } = this.given;
    let awaySinceMs: number | undefined;
    for (let tried = 0, retry = 0; !signal.aborted; retry += 1) {
      try {
        return await this.download(media);
      } catch (err) {
        if (signal.aborted) return undefined;
        if (err instanceof MediaTooLargeError) return this.missing(media, "too_large");
        if (err instanceof MediaError && err.kind !== "transient") return this.missing(media, stateOf(err.kind));
        awaySinceMs = err instanceof SendError ? (awaySinceMs ?? performance.now()) : undefined;
        const isAway = awaySinceMs !== undefined && performance.now() - awaySinceMs < times.awayMs;
        if (!isAway) tried += 1;
        log.warn({ err, tried }, "media not stored");
        if (tried >= times.tries) return this.missing(media, "unavailable");
        await pause(Math.max(times.retry.firstMs, delayBefore(retry, times.retry)), signal);
      }
    }
    return undefined;
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
        const next = await unlessSilent(iterator.next(), times.silenceMs, signal);
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
        reason: isTooLarge
          ? `The file is larger than ${Math.round(limitBytes / 1e6)} MB, the most that is kept here. Open it on the phone.`
          : "WhatsApp did not hand over the file. Open it on the phone.",
        mimeType: storable(media.mimeType, 200),
        fileName: media.fileName && storable(media.fileName, 255),
        size: media.sizeBytes ?? null,
        limit: isTooLarge ? limitBytes : null,
      },
    };
  }
}

const stateOf = (kind: "too_large" | "gone"): MissingFile["state"] => (kind === "gone" ? "unavailable" : kind);

async function unlessSilent<Result>(work: Promise<Result>, silenceMs: number, signal: AbortSignal): Promise<Result> {
  let end = () => {};
  const ended = new Promise<never>((_, reject) => {
    const give = () => reject(new MediaError("the engine says nothing of the file any more", "transient"));
    const timer = setTimeout(give, silenceMs);
    signal.addEventListener("abort", give);
    if (signal.aborted) give();
    end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", give);
    };
  });
  work.catch(() => undefined); // it may still fail when nobody waits any more
  return await Promise.race([work, ended]).finally(end);
}
