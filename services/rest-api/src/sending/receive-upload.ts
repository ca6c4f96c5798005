import { PassThrough } from "node:stream";
import type { StoredFile } from "@syszap/contracts";
import { type MediaStore, MediaTooLargeError } from "@syszap/media-store";
import type { Request } from "express";
import { ProblemError } from "../problem.ts";

export interface UploadTarget {
  companyId: string;
  fileName: string | null;
  store: MediaStore;
}

/** Streams the request's body into the store; nothing is kept of one that is empty, too large, or breaks off. */
export async function receiveUpload(req: Request, { companyId, fileName, store }: UploadTarget): Promise<StoredFile> {
  if (req.get("content-encoding") !== undefined)
    throw new ProblemError("unsupported_media_type", "Send the file as it is, without a content encoding.");
  if (req.get("content-length") === "0") throw isEmpty();
  const mimeType = req.get("content-type") ?? "application/octet-stream";
  // The store ends the stream it reads from, and that must not end the connection: the answer still goes there.
  const body = new PassThrough();
  req.pipe(body);
  req.once("close", () => {
    if (!req.complete) body.destroy(brokeOff());
  });
  try {
    const file = await store.put(body, { companyId, mimeType, fileName });
    if (file.size === 0) throw isEmpty();
    return file;
  } catch (err) {
    throw err instanceof MediaTooLargeError ? tooLarge(err.limitBytes) : err;
  }
}

const isEmpty = () => new ProblemError("invalid", "The file is empty. Send its bytes as the request's body.");
const brokeOff = () => new ProblemError("malformed", "The upload broke off. Send the file again.");
/** The rest of the file is not read. */
const tooLarge = (limitBytes: number) =>
  new ProblemError("too_large", `The file is too large: at most ${limitBytes} bytes are taken.`, {
    headers: { Connection: "close" },
  });
