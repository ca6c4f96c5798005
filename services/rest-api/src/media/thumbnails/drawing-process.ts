import { constants, setPriority } from "node:os";
import { Worker } from "node:worker_threads";
import { drawThumbnail } from "./draw-thumbnail.ts";

/** Messages to the process that draws thumbnails, one image at a time. */
export interface DrawRequest {
  image: Uint8Array;
  /** The process kills itself when the image takes more CPU time. */
  maxCpuMs: number;
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

/** CPU time of the process, in milliseconds, at which it is killed. Shared with the guard's thread. */
const cpuLimitMs = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT)).fill(
  Number.POSITIVE_INFINITY,
);

// In a thread, because the decoder of HEIC blocks this one.
const guard = `const cpuLimitMs = new Float64Array(require("node:worker_threads").workerData);
setInterval(() => {
  const { user, system } = process.cpuUsage();
  if (process.memoryUsage.rss() > ${maxMemoryBytes} || (user + system) / 1_000 > cpuLimitMs[0])
    process.kill(process.pid, "SIGKILL");
}, ${checkEveryMs});`;
new Worker(guard, { eval: true, workerData: cpuLimitMs.buffer });
process.on("disconnect", () => process.exit());
// Requests have priority over thumbnails.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

process.on("message", ({ image, maxCpuMs }: DrawRequest) => {
  const { user, system } = process.cpuUsage();
  cpuLimitMs[0] = (user + system) / 1_000 + maxCpuMs;
  drawThumbnail(image).then(
    (drawn) => report({ kind: "drawn", image: drawn }),
    (error: unknown) => report({ kind: "undrawable", reason: String(error) }),
  );
});
report({ kind: "ready" });
