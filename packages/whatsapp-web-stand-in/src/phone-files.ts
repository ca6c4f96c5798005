import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { WireMedia, WireMessage } from "./protocol.ts";

/** A file in memory, or one of any size that is made while it is sent. */
export type FileContent = { bytes: Uint8Array } | { generatedBytes: number };
/** What the next download of a file does instead of succeeding. */
export type DownloadFault = "cut" | "altered" | "silent";

export interface ServedFile {
  mimeType: string;
  size: number;
  content(): Readable;
  fault: DownloadFault | undefined;
}

const blockBytes = 1024 * 1024;

/** The same bytes each time; every block differs, so that one that is lost, doubled or moved changes the hash. */
function* blocksOf(size: number): Generator<Buffer> {
  const pattern = createHash("shake256", { outputLength: blockBytes }).update("stand-in").digest();
  for (let start = 0; start < size; start += blockBytes) {
    const block = Buffer.from(pattern.subarray(0, Math.min(blockBytes, size - start)));
    if (block.length >= 8) block.writeBigUInt64BE(BigInt(start));
    yield block;
  }
}
const contentOf = (file: FileContent): Iterable<Uint8Array> =>
  "bytes" in file ? [file.bytes] : blocksOf(file.generatedBytes);

/** The files of one account, as WhatsApp's servers keep them. */
export class PhoneFiles {
  private readonly files = new Map<string, { wire: WireMedia; content: FileContent }>();
  private readonly faults: DownloadFault[] = [];

  keep(file: FileContent & { mimeType: string; fileName?: string | undefined }): WireMedia {
    const hash = createHash("sha256");
    for (const block of contentOf(file)) hash.update(block);
    const digest = hash.digest();
    const wire: WireMedia = {
      path: `/media/${digest.toString("hex")}`,
      mimetype: file.mimeType,
      filename: file.fileName ?? null,
      size: "bytes" in file ? file.bytes.length : file.generatedBytes,
      filehash: digest.toString("base64"),
    };
    this.files.set(wire.path, { wire, content: file });
    return wire;
  }
  /** The next downloads go wrong so, one after the other; those after them are well. */
  spoilNext(...faults: DownloadFault[]): void {
    this.faults.push(...faults);
  }
  /** Counts as a download. */
  serve(path: string): ServedFile | undefined {
    const found = this.files.get(path);
    if (!found) return undefined;
    const { wire, content } = found;
    return {
      mimeType: wire.mimetype,
      size: wire.size,
      content: () => Readable.from(contentOf(content), { objectMode: false, highWaterMark: blockBytes }),
      fault: this.faults.shift(),
    };
  }
}

export type IncomingMedia = FileContent & { mimeType: string; fileName?: string };
export interface IncomingContent extends Pick<WireMessage, "attributes" | "lacks"> {
  body?: string;
  media?: IncomingMedia;
  t?: number;
  /** WhatsApp's own name of it, where neither text nor file says it. */
  type?: string;
}
/** WhatsApp's word for the kind of a message with such a file. */
export const mediaKind = (mimeType: string) =>
  ({ image: "image", audio: "ptt", video: "video" })[mimeType.split("/")[0] ?? ""] ?? "document";
