import { pipeline } from "node:stream/promises";
import type { MediaStore } from "@syszap/media-store";
import type { Request, Response } from "express";
import { ProblemError } from "../problem.ts";
import { mayAnswerPart, rangeOf } from "./byte-range.ts";

/** A file as it is sent: its bytes never change, so its hash is its version. */
export interface SentFile {
  storageKey: string;
  size: number;
  sha256: string;
  mimeType: string;
  fileName: string | null;
}

/** What a browser shows without running anything. All else, SVG and HTML before all, is only ever saved. */
const shown = /^(image\/(png|jpeg|gif|webp|avif|bmp)|audio\/[\w.+-]+|video\/[\w.+-]+)$/;
const dayInSeconds = 24 * 60 * 60;

/** Whole or in part, as the request asks; also to HEAD, and to those who have it. The caller has checked whose file it is. */
export async function sendFile({ req, res }: { req: Request; res: Response }, file: SentFile, store: MediaStore) {
  const etag = `"${file.sha256}"`;
  const isKnown = (req.get("if-none-match") ?? "")
    .split(",")
    .some((known) => known.trim().replace(/^W\//, "") === etag);
  if (isKnown) return void res.status(304).set(cachingOf(etag)).end();
  const range = mayAnswerPart(req.get("if-range"), etag) ? rangeOf(req.get("range"), file.size) : "whole";
  if (range === "beyond")
    throw new ProblemError("range_not_satisfiable", `The file has ${file.size} bytes. Ask for a part of those.`, {
      headers: { "Content-Range": `bytes */${file.size}` },
    });
  const { stream } = await store.open(file.storageKey, range === "whole" ? undefined : range);
  const length = range === "whole" ? file.size : range.end - range.start + 1;
  res.set({ ...cachingOf(etag), ...contentOf(file), "Accept-Ranges": "bytes", "Content-Length": String(length) });
  if (range !== "whole") res.status(206).set("Content-Range", `bytes ${range.start}-${range.end}/${file.size}`);
  if (req.method === "HEAD") {
    stream.destroy();
    return void res.end();
  }
  // Whoever leaves before the end is no failure of ours: players do so with every jump.
  await pipeline(stream, res).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  });
}

/** The bytes of an id never change; whose they are depends on who asks. */
const cachingOf = (etag: string) => ({
  "Cache-Control": `private, max-age=${dayInSeconds}, immutable`,
  Vary: "Authorization",
  ETag: etag,
});

function contentOf(file: SentFile) {
  const mimeType = file.mimeType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const isShown = shown.test(mimeType);
  return {
    "Content-Type": isShown ? mimeType : "application/octet-stream",
    "Content-Disposition": dispositionOf(file, isShown),
    "Content-Security-Policy": "default-src 'none'; sandbox",
  };
}

/** The name comes from a stranger: only its encoded form carries more than plain letters (RFC 6266). */
function dispositionOf({ fileName }: SentFile, isShown: boolean): string {
  const kind = isShown ? "inline" : "attachment";
  if (fileName === null) return kind;
  const name = fileName.replaceAll(/[\p{Cc}\p{Cf}/\\]/gu, "_").toWellFormed();
  const plain = name.replaceAll(/[^\w .()-]/g, "_");
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
