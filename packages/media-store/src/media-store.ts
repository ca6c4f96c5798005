import type { Readable } from "node:stream";
import type { StoredFile } from "@syszap/contracts";

export interface MediaMeta {
  companyId: string;
  /** As whoever sent it declares it; kept only of what tells no type of its own. */
  mimeType: string;
  fileName: string | null;
}

/** Both ends count, from 0, as in HTTP; without `end`, or beyond the file's, up to its end. */
export interface ByteRange {
  start: number;
  end?: number;
}
export interface OpenedFile {
  /** Destroy it when it is not read to its end. */
  stream: Readable;
  /** Of the whole file, also when a part of it was asked for. */
  size: number;
}

/** Far above what people send in a chat with a company. WhatsApp itself takes documents up to 2 GB. */
export const defaultLimitBytes = 100 * 1024 * 1024;

/** Where files live; rows and jobs only carry their key. */
export interface MediaStore {
  /** Complete and durable once it resolves; the same content of a company is kept once. Rejects with `MediaTooLargeError`. */
  put(bytes: Uint8Array | Readable, meta: MediaMeta): Promise<StoredFile>;
  /**
   * Rejects with `MediaNotFoundError`, and with `MediaRangeError` when the file has no such part. Whoever asks has checked that
   * the file belongs to the caller's company.
   */
  open(storageKey: string, range?: ByteRange): Promise<OpenedFile>;
  /**
   * No error when it is gone already. Rows of one company may share a file: remove it only with the last of them. What was
   * written again since `writtenBefore` stays: whoever wrote it may not have its row yet.
   */
  remove(storageKey: string, writtenBefore?: Date): Promise<void>;
}

/** The file is larger than the store takes; nothing of it was kept. */
export class MediaTooLargeError extends Error {
  override readonly name = "MediaTooLargeError";
  constructor(readonly limitBytes: number) {
    super(`the file is larger than ${limitBytes} bytes`);
  }
}

/** No file has this key, or it is none that a store gave out. */
export class MediaNotFoundError extends Error {
  override readonly name = "MediaNotFoundError";
  constructor() {
    super("no such file in the media store");
  }
}

/** The file has no byte at the start of the range; HTTP calls that 416. */
export class MediaRangeError extends Error {
  override readonly name = "MediaRangeError";
  constructor(readonly size: number) {
    super(`the file has ${size} bytes only`);
  }
}

/** A fault of the caller, not of whoever asked it for a part. */
export function assertRange(range: ByteRange | undefined): void {
  if (!range) return;
  const { start, end = start } = range;
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && end >= start) return;
  throw new TypeError("a range has a start from 0 and an end that is not before it");
}
