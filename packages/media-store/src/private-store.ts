import type { ByteRange, FileBytes, OpenedFile } from "./media-store.ts";

/** Stores internal files that users never download. It shares the backend with the media store, but not its keys. */
export interface PrivateStore {
  /** Resolves once the file is complete and durable; replaces an existing file. Rejects with `MediaTooLargeError`. */
  put(key: string, bytes: FileBytes): Promise<{ size: number; sha256: string }>;
  /** Rejects with `MediaNotFoundError`, or with `MediaRangeError` when the range starts beyond the end of the file. */
  open(key: string, range?: ByteRange): Promise<OpenedFile>;
  /** Resolves also when the file does not exist. */
  remove(key: string): Promise<void>;
  /** Returns the keys directly in a folder, or none when the folder does not exist. */
  list(folder: string): Promise<string[]>;
  /** Removes about `limit` files below a folder. Returns how many; 0 when none is left. */
  removeBelow(folder: string, limit: number): Promise<number>;
}

/** Never the start of a media key: those start with a company id. */
export const privateFolder = "private";

const keyPattern = /^[a-z0-9][a-z0-9-]{0,99}(\/[a-z0-9][a-z0-9-]{0,99}){0,5}$/;

/**
 * Throws `TypeError` unless the key consists of lower-case words and slashes, without special meaning in paths, URLs or
 * buckets.
 */
export function assertPrivateKey(key: string): void {
  if (!keyPattern.test(key))
    throw new TypeError("a private store key may contain only lower-case letters, digits, - and /");
}
