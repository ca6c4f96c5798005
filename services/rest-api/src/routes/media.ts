import { pipeline } from "node:stream/promises";
import type { Database, StoredMedia } from "@syszap/database";
import type { MediaStore } from "@syszap/media-store";
import type { HandlersOf } from "../endpoint.ts";
import { notFound } from "../problem.ts";

/** What a browser shows without running anything. All else, SVG and HTML before all, is only ever saved. */
const shown = /^(image\/(png|jpeg|gif|webp|avif|bmp)|audio\/[\w.+-]+|video\/[\w.+-]+)$/;
const dayInSeconds = 24 * 60 * 60;

export const mediaRoutes = (database: Database, store: MediaStore): HandlersOf<"getMedia"> => ({
  getMedia: async ({ params, caller, req, res }) => {
    const file = await database.withCompany(caller.companyId, ({ media }) => media.find(params.id));
    if (!file) throw notFound("file");
    const etag = `"${file.sha256}"`;
    if (req.get("if-none-match") === etag) {
      res.status(304).set(cachingOf(etag)).end();
      return;
    }
    const { stream, size } = await store.open(file.storageKey);
    res.set({ ...cachingOf(etag), ...contentOf(file), "Content-Length": String(size) });
    // Whoever leaves before the end is no failure of ours.
    await pipeline(stream, res).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
    });
  },
});

/** The bytes of an id never change; whose they are depends on who asks. */
const cachingOf = (etag: string) => ({
  "Cache-Control": `private, max-age=${dayInSeconds}, immutable`,
  Vary: "Authorization",
  ETag: etag,
});

function contentOf(file: StoredMedia) {
  const mimeType = file.mimeType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const isShown = shown.test(mimeType);
  return {
    "Content-Type": isShown ? mimeType : "application/octet-stream",
    "Content-Disposition": dispositionOf(file, isShown),
    "Content-Security-Policy": "default-src 'none'; sandbox",
  };
}

/** The name comes from a stranger: only its encoded form carries more than plain letters (RFC 6266). */
function dispositionOf({ fileName }: StoredMedia, isShown: boolean): string {
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
