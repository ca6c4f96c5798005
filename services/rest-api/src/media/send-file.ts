import { pipeline } from "node:stream/promises";
import type { MediaStore } from "@syszap/media-store";
import type { Request, Response } from "express";
import { ProblemError } from "../problem.ts";
import { mayAnswerPart, requestedRange } from "./byte-range.ts";

/** A file to send. Its content never changes, so the hash is its ETag. */
export interface SentFile {
  storageKey: string;
  size: number;
  sha256: string;
  mimeType: string;
  fileName: string | null;
}

/** Types that browsers display without running scripts. All others, such as SVG and HTML, are sent as attachments. */
const inlineTypes = /^(image\/(png|jpeg|gif|webp|avif|bmp)|audio\/[\w.+-]+|video\/[\w.+-]+)$/;

/** Sends a file or the requested range of it, and handles HEAD and `If-None-Match`. The caller must check access to the file. */
export async function sendFile({ req, res }: { req: Request; res: Response }, file: SentFile, store: MediaStore) {
  const etag = `"${file.sha256}"`;
  const isCached = (req.get("if-none-match") ?? "")
    .split(",")
    .some((known) => known.trim().replace(/^W\//, "") === etag);
  if (isCached) return void res.status(304).set(cachingHeaders(etag)).end();
  const range = mayAnswerPart(req.get("if-range"), etag) ? requestedRange(req, file.size) : "whole";
  if (range === "unsatisfiable")
    throw new ProblemError("range_not_satisfiable", `The file has ${file.size} bytes. Request a range within them.`, {
      headers: { "Content-Range": `bytes */${file.size}` },
    });
  const { stream } = await store.open(file.storageKey, range === "whole" ? undefined : range);
  try {
    const length = range === "whole" ? file.size : range.end - range.start + 1;
    res.set({
      ...cachingHeaders(etag),
      ...contentHeaders(file),
      "Accept-Ranges": "bytes",
      "Content-Length": String(length),
    });
    if (range !== "whole") res.status(206).set("Content-Range", `bytes ${range.start}-${range.end}/${file.size}`);
    if (req.method === "HEAD") return void res.end();
    await pipeline(stream, res).catch(ignoreClosedConnection);
  } finally {
    stream.destroy();
  }
}

/** A client that closes the connection early is no error: media players do so on every seek. */
function ignoreClosedConnection(error: NodeJS.ErrnoException): void {
  if (error.code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
}

/**
 * The content of an id never changes, but access does: a browser may keep a copy, and must ask before each use. After a sign-out
 * that request is refused.
 */
const cachingHeaders = (etag: string) => ({
  "Cache-Control": "private, no-cache",
  Vary: "Authorization",
  ETag: etag,
});

function contentHeaders(file: SentFile) {
  const mimeType = file.mimeType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const isInline = inlineTypes.test(mimeType);
  return {
    "Content-Type": isInline ? mimeType : "application/octet-stream",
    "Content-Disposition": contentDisposition(file, isInline),
    "Content-Security-Policy": "default-src 'none'; sandbox",
  };
}

/**
 * Builds `Content-Disposition` (RFC 6266). The name is untrusted input: other characters than plain ASCII appear only percent-
 * encoded.
 */
function contentDisposition({ fileName }: SentFile, isInline: boolean): string {
  const kind = isInline ? "inline" : "attachment";
  if (fileName === null) return kind;
  const name = fileName.replaceAll(/[\p{Cc}\p{Cf}/\\]/gu, "_").toWellFormed();
  const plain = name.replaceAll(/[^\w .()-]/g, "_");
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
