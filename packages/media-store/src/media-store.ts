import type { Readable } from "node:stream";
import type { StoredFile } from "@syszap/contracts";

export interface MediaMeta {
  companyId: string;
  mimeType: string;
  fileName: string | null;
}

/** Where files live; rows and jobs only carry their key. */
export interface MediaStore {
  /** Complete and durable once it resolves; the same content of a company is kept once. Rejects with `MediaTooLargeError`. */
  put(bytes: Uint8Array | Readable, meta: MediaMeta): Promise<StoredFile>;
  /** Rejects with `MediaNotFoundError`. Whoever asks has checked that the file belongs to the caller's company. */
  open(storageKey: string): Promise<{ stream: Readable; size: number }>;
  /** No error when it is gone already. Rows of one company may share a file: remove it only with the last of them. */
  remove(storageKey: string): Promise<void>;
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
