import type { StoredFile } from "@syszap/contracts";
import { type MediaStore, MediaTooLargeError } from "@syszap/media-store";
import type { Request } from "express";
import { fileTooLarge } from "../body-limit.ts";
import { interrupted, isInterrupted } from "../interrupted.ts";
import { ProblemError } from "../problem.ts";

export interface UploadTarget {
  companyId: string;
  fileName: string | null;
  store: MediaStore;
}

/** Streams the request body into the store. An empty, too large or interrupted upload is rejected and not stored. */
export async function receiveUpload(req: Request, { companyId, fileName, store }: UploadTarget): Promise<StoredFile> {
  if (req.get("content-encoding") !== undefined)
    throw new ProblemError("unsupported_media_type", "Send the file without a `Content-Encoding`.");
  if (req.get("content-length") === "0") throw isEmpty();
  const mimeType = req.get("content-type") ?? "application/octet-stream";
  try {
    const file = await store.put(bytesOf(req), { companyId, mimeType, fileName });
    if (file.size === 0) throw isEmpty();
    return file;
  } catch (err) {
    throw err instanceof MediaTooLargeError ? fileTooLarge(err.limitBytes) : err;
  }
}

/**
 * Yields the bytes of the body. A generator emits no `error` event that could stay unhandled. It leaves the request open,
 * because the response uses its connection.
 */
async function* bytesOf(req: Request): AsyncGenerator<Uint8Array> {
  if (isInterrupted(req)) throw interrupted();
  try {
    yield* req.iterator({ destroyOnReturn: false });
  } catch {
    throw interrupted();
  }
}

const isEmpty = () => new ProblemError("invalid", "The file is empty. Send its bytes as the request body.");
