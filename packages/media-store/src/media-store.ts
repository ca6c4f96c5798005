import type { Readable } from "node:stream";
import { maxFileBytes, type StoredFile } from "@syszap/contracts";

export interface MediaMeta {
  companyId: string;
  /** Type that the sender declares. Stored only when the content has no detectable type. */
  mimeType: string;
  fileName: string | null;
}

/**
 * Byte positions from 0, both inclusive, as in HTTP. Without `end`, or with an `end` beyond the file, the range ends with the
 * file.
 */
export interface ByteRange {
  start: number;
  end?: number;
}

export interface OpenedFile {
  /** The caller must destroy it when it does not read it to the end. */
  stream: Readable;
  /** Size of the whole file in bytes, also when only a range was opened. */
  size: number;
}

export const defaultLimitBytes = maxFileBytes;

/** The content of a file. Prefer a generator to a stream: it emits no `error` events while nobody reads it. */
export type FileBytes = Uint8Array | AsyncIterable<Uint8Array>;

/** Stores files. Rows and jobs carry only the storage key. */
export interface MediaStore {
  /**
   * Resolves once the file is complete and durable. Identical content of one company is stored once. Rejects with
   * `MediaTooLargeError`, and with the error of `bytes`. A stream is always destroyed.
   */
  put(bytes: FileBytes, meta: MediaMeta): Promise<StoredFile>;
  /**
   * Rejects with `MediaNotFoundError`, or with `MediaRangeError` when the range starts beyond the end of the file. The caller
   * must check that the file belongs to the user's company.
   */
  open(storageKey: string, range?: ByteRange): Promise<OpenedFile>;
  /**
   * Resolves also when the file does not exist. Rows of one company may share a file: remove it only with the last of them. A
   * file that was stored again at or after `writtenBefore` is kept, because its new row may not be committed yet.
   */
  remove(storageKey: string, writtenBefore?: Date): Promise<void>;
  /** Removes about `limit` files of the company, also files without a row. Returns how many; 0 when none is left. */
  removeOfCompany(companyId: string, limit: number): Promise<number>;
}

/** The file exceeds the size limit of the store. Nothing was stored. */
export class MediaTooLargeError extends Error {
  override readonly name = "MediaTooLargeError";
  constructor(readonly limitBytes: number) {
    super(`the file is larger than the limit of ${limitBytes} bytes`);
  }
}

/** No file has this key, or the key has an invalid format. */
export class MediaNotFoundError extends Error {
  override readonly name = "MediaNotFoundError";
  constructor() {
    super("the media store has no file with this key");
  }
}

/** The range starts beyond the end of the file (HTTP status 416). */
export class MediaRangeError extends Error {
  override readonly name = "MediaRangeError";
  constructor(readonly size: number) {
    super(`the range starts beyond the end of the file, which has ${size} bytes`);
  }
}

/** Throws `TypeError` for an invalid range, which is a programming error and never caused by a user's request. */
export function assertRange(range: ByteRange | undefined): void {
  if (!range) return;
  const { start, end = start } = range;
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && end >= start) return;
  throw new TypeError("a range needs a start of at least 0 and an end that is not before the start");
}
