import type { Readable } from "node:stream";
import type { ByteRange, OpenedFile } from "./media-store.ts";

/** Where the services keep what no user ever downloads. Same backend as the media, but no key of one opens a file of the other. */
export interface PrivateStore {
  /** Complete and durable once it resolves; replaces what was there. Rejects with `MediaTooLargeError`. */
  put(key: string, bytes: Uint8Array | Readable): Promise<{ size: number; sha256: string }>;
  /** Rejects with `MediaNotFoundError`, and with `MediaRangeError` when the file has no such part. */
  open(key: string, range?: ByteRange): Promise<OpenedFile>;
  /** No error when it is gone already. */
  remove(key: string): Promise<void>;
  /** Keys directly in a folder; none when there is no such folder. */
  list(folder: string): Promise<string[]>;
}

/** No media key begins so: those begin with a company's id. */
export const privateFolder = "private";

const keyPattern = /^[a-z0-9][a-z0-9-]{0,99}(\/[a-z0-9][a-z0-9-]{0,99}){0,5}$/;

/** Keys are lower-case words between slashes: nothing that a path, a URL or a bucket reads in its own way. */
export function assertPrivateKey(key: string): void {
  if (!keyPattern.test(key)) throw new TypeError("a private key is made of lower-case letters, digits, - and /");
}
