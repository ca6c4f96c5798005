import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { WireMedia, WireMessage } from "../protocol/protocol.ts";

/** Content in memory, or generated content of any size that is never held in memory as a whole. */
export type FileContent = { bytes: Uint8Array } | { generatedBytes: number };
/** Fault of a download: the connection is cut, a byte is altered, or no byte arrives. */
export type DownloadFault = "cut" | "altered" | "silent";

export interface ServedFile {
  mimeType: string;
  size: number;
  content(): Readable;
  fault: DownloadFault | undefined;
}

const blockBytes = 1024 * 1024;

/** Deterministic content. Every block differs, so that a lost, duplicate or moved block changes the hash. */
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

/** The files of one account, as WhatsApp's servers store them. */
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

  /** Applies one fault to each of the next downloads, in order. */
  failNextDownloads(...faults: DownloadFault[]): void {
    this.faults.push(...faults);
  }

  /** Starts a download: consumes the next fault. */
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
  /** WhatsApp's message type, if it does not follow from text or file. */
  type?: string;
}
/** WhatsApp's message type for a file of this MIME type. */
export const mediaKind = (mimeType: string) =>
  ({ image: "image", audio: "ptt", video: "video" })[mimeType.split("/")[0] ?? ""] ?? "document";
