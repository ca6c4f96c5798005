import { createHash, type Hash, randomUUID } from "node:crypto";
import { type EngineMedia, MediaError, type Pieces } from "../../contract/engine.ts";
import * as pageMedia from "../page/media.ts";

export interface MediaTimes {
  /** Without a byte from WhatsApp for so long, a download counts as broken. */
  stallMs: number;
  /** How often a download that goes on says so. */
  signOfLifeMs: number;
}
export const mediaTimes: MediaTimes = { stallMs: 60_000, signOfLifeMs: 1_000 };

/** WhatsApp's page, as far as a file needs it. */
export interface MediaSource {
  /** Bounded in time for each call. */
  inPage<Argument, Result>(
    run: (argument: Argument) => Result | Promise<Result>,
    argument: Argument,
    timeoutMs?: number,
  ): Promise<Result>;
  /** Calls back with what the page receives from the network, until it is ended. */
  watchBytes(received: () => void): Promise<() => void>;
}

/** The text that carries a slice is a third larger and exists a few times on its way; more per slice is not faster. */
const sliceBytes = 512 * 1024;
/** What a worker of the page fetches is not seen from outside: silence is therefore given this pace at the least. */
const slowestBytesPerMs = 256;

/** Fetches one file through WhatsApp's page. Neither this process nor the page's heap ever holds it whole. */
export async function* downloadMedia(
  source: MediaSource,
  media: EngineMedia,
  limitBytes: number,
  times: MediaTimes = mediaTimes,
): Pieces {
  const token = randomUUID();
  const declared = await begin(source, { message: media.handle, token, limit: limitBytes });
  try {
    mustFit(declared.size ?? 0, limitBytes);
    const size = yield* whileComing(source, token, { ...times, declaredBytes: declared.size ?? 0 });
    mustFit(size, limitBytes);
    const hash = createHash("sha256");
    yield* slices(source, { token, size }, hash);
    if (declared.hash === null || hash.digest("base64") === declared.hash) return;
    await source.inPage(pageMedia.forgetFile, media.handle).catch(() => undefined);
    throw new MediaError("the file is not the one that was sent", "transient");
  } finally {
    await source.inPage(pageMedia.dropFile, token).catch(() => undefined); // a page that is gone holds nothing
  }
}

async function begin(
  source: MediaSource,
  asked: Parameters<typeof pageMedia.beginFile>[0],
): Promise<pageMedia.DeclaredFile> {
  try {
    return await source.inPage(pageMedia.beginFile, asked);
  } catch (err) {
    if (/not contains media|message .*not found/i.test(String(err)))
      throw new MediaError("WhatsApp has no file for this message", "gone");
    throw err;
  }
}

/** Says that it still waits, and ends with the file's size once the page has it. */
async function* whileComing(
  source: MediaSource,
  token: string,
  { stallMs, signOfLifeMs, declaredBytes }: MediaTimes & { declaredBytes: number },
): AsyncGenerator<Uint8Array, number, void> {
  const nothing = new Uint8Array();
  let silentSinceMs = performance.now();
  const unwatch = await source.watchBytes(() => {
    silentSinceMs = performance.now();
  });
  try {
    for (;;) {
      const file = await source.inPage(pageMedia.awaitFile, { token, waitMs: signOfLifeMs });
      if (!file) throw new MediaError("WhatsApp's page was loaded again meanwhile", "transient");
      if (file.state === "here") return file.size;
      if (file.state === "failed")
        throw new MediaError(`WhatsApp did not hand over the file: ${file.fault}`, "transient");
      if (performance.now() - silentSinceMs > stallMs + declaredBytes / slowestBytesPerMs)
        throw new MediaError("the download stood still", "transient");
      yield nothing;
    }
  } finally {
    unwatch();
  }
}

async function* slices(source: MediaSource, { token, size }: { token: string; size: number }, hash: Hash): Pieces {
  for (let start = 0; start < size; start += sliceBytes) {
    const end = Math.min(start + sliceBytes, size);
    const text = await source.inPage(pageMedia.readFile, { token, start, end });
    if (text === null) throw new MediaError("WhatsApp's page was loaded again meanwhile", "transient");
    const piece = Buffer.from(text, "base64");
    hash.update(piece);
    yield piece;
  }
}

function mustFit(size: number, limitBytes: number): void {
  if (size > limitBytes) throw new MediaError(`the file has ${size} bytes, the limit is ${limitBytes}`, "too_large");
}
