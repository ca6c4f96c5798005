import { constants, setPriority } from "node:os";
import { Worker } from "node:worker_threads";
import { drawThumbnail } from "./draw-thumbnail.ts";

/** Messages to the process that draws thumbnails, one image at a time. */
export interface DrawRequest {
  image: Uint8Array;
}
/** `undrawable`: the image is invalid or exceeds a limit. */
export type DrawReport =
  | { kind: "ready" }
  | { kind: "drawn"; image: Uint8Array }
  | { kind: "undrawable"; reason: string };

/** Above the largest accepted image with its thumbnail. The header is checked first; this guards against a faulty decoder. */
const maxMemoryBytes = 700 * 1024 * 1024;
const checkEveryMs = 25;

const report = (message: DrawReport) => process.send?.(message);

// In a thread, because the decoder of HEIC blocks this one.
const memoryGuard = `setInterval(() => {
  if (process.memoryUsage.rss() > ${maxMemoryBytes}) process.kill(process.pid, "SIGKILL");
}, ${checkEveryMs});`;
new Worker(memoryGuard, { eval: true });
process.on("disconnect", () => process.exit());
// Requests have priority over thumbnails.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

process.on("message", ({ image }: DrawRequest) => {
  drawThumbnail(image).then(
    (drawn) => report({ kind: "drawn", image: drawn }),
    (error: unknown) => report({ kind: "undrawable", reason: String(error) }),
  );
});
report({ kind: "ready" });
