import { createHash, type Hash, randomUUID } from "node:crypto";
import { type EngineMedia, MediaError, type Pieces } from "../../contract/engine.ts";
import * as pageMedia from "../page/media.ts";

export interface MediaTimes {
  /** A download fails after this time without a byte from WhatsApp. */
  stallMs: number;
  /** Interval of the signs of life of a running download. */
  signOfLifeMs: number;
}

export const mediaTimes: MediaTimes = { stallMs: 60_000, signOfLifeMs: 1_000 };

/** The functions of WhatsApp's page that a download needs. */
export interface MediaSource {
  /** Runs a function in the page. Every call has a timeout. */
  inPage<Argument, Result>(
    run: (argument: Argument) => Result | Promise<Result>,
    argument: Argument,
    timeoutMs?: number,
  ): Promise<Result>;
  /** Calls `onBytes` for each piece that the page receives from the network. Returns a function that ends this. */
  watchBytes(onBytes: () => void): Promise<() => void>;
}

/** A slice travels as base64, a third larger, with several copies in memory. Larger slices are not faster. */
const sliceBytes = 512 * 1024;
/** Traffic of the page's workers is not visible, so the stall timeout is extended by the file's size at this rate. */
const minBytesPerMs = 256;

/** Downloads a file through WhatsApp's page. Neither this process nor the page's heap holds the whole file. */
export async function* downloadMedia(
  source: MediaSource,
  media: EngineMedia,
  limitBytes: number,
  times: MediaTimes = mediaTimes,
): Pieces {
  const token = randomUUID();
  const declared = await begin(source, { message: media.handle, token, limit: limitBytes });
  try {
    assertFits(declared.size ?? 0, limitBytes);
    const size = yield* awaitDownload(source, token, { ...times, declaredBytes: declared.size ?? 0 });
    assertFits(size, limitBytes);
    const hash = createHash("sha256");
    yield* slices(source, { token, size }, hash);
    if (declared.hash === null || hash.digest("base64") === declared.hash) return;
    await source.inPage(pageMedia.forgetFile, media.handle).catch(() => undefined);
    throw new MediaError("the file does not have the declared hash", "transient");
  } finally {
    await source.inPage(pageMedia.dropFile, token).catch(() => undefined); // a page that is gone holds no file
  }
}

async function begin(
  source: MediaSource,
  request: Parameters<typeof pageMedia.beginFile>[0],
): Promise<pageMedia.DeclaredFile> {
  try {
    return await source.inPage(pageMedia.beginFile, request);
  } catch (err) {
    if (saysGone(String(err))) throw new MediaError("WhatsApp has no file for this message", "gone");
    throw err;
  }
}

/** Two steps: `message .*not found` alone takes quadratic time for a text that repeats its beginning. */
const saysGone = (error: string): boolean =>
  /not contains media/i.test(error) || /not found/i.test(/message .*/i.exec(error)?.[0] ?? "");

/** Yields signs of life until the page has the file, and returns the file's size. */
async function* awaitDownload(
  source: MediaSource,
  token: string,
  { stallMs, signOfLifeMs, declaredBytes }: MediaTimes & { declaredBytes: number },
): AsyncGenerator<Uint8Array, number, void> {
  const signOfLife = new Uint8Array();
  let silentSinceMs = performance.now();
  const unwatch = await source.watchBytes(() => {
    silentSinceMs = performance.now();
  });
  try {
    for (;;) {
      const file = await source.inPage(pageMedia.awaitFile, { token, waitMs: signOfLifeMs });
      if (!file) throw new MediaError("WhatsApp's page was reloaded during the download", "transient");
      if (file.state === "ready") return file.size;
      if (file.state === "failed")
        throw new MediaError(`WhatsApp could not provide the file: ${file.error}`, "transient");
      if (performance.now() - silentSinceMs > stallMs + declaredBytes / minBytesPerMs)
        throw new MediaError("the download stalled", "transient");
      yield signOfLife;
    }
  } finally {
    unwatch();
  }
}

async function* slices(source: MediaSource, { token, size }: { token: string; size: number }, hash: Hash): Pieces {
  for (let start = 0; start < size; start += sliceBytes) {
    const end = Math.min(start + sliceBytes, size);
    const text = await source.inPage(pageMedia.readFile, { token, start, end });
    if (text === null) throw new MediaError("WhatsApp's page was reloaded during the download", "transient");
    const piece = Buffer.from(text, "base64");
    hash.update(piece);
    yield piece;
  }
}

function assertFits(size: number, limitBytes: number): void {
  if (size > limitBytes) throw new MediaError(`the file has ${size} bytes, the limit is ${limitBytes}`, "too_large");
}
