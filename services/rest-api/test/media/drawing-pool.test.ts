import sharp from "sharp";
import { expect, onTestFinished, test } from "vitest";
import { DrawingPool } from "../../src/media/thumbnails/drawing-pool.ts";
import { type DrawingTimes, NotDrawnError, UndrawableError } from "../../src/media/thumbnails/drawing-worker.ts";
import { drawingEntry } from "../support/drawing-entry.ts";
import { pngHeader } from "../support/png.ts";

const scripted = new URL("../support/scripted-drawing-process.mjs", import.meta.url);
function openPool(entry: URL, times?: Partial<DrawingTimes>): DrawingPool {
  const pool = new DrawingPool(entry, times);
  onTestFinished(() => pool.close());
  return pool;
}
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();

test("kills a process that hangs, without a verdict about the image, and draws the next image with a new one", async () => {
  const pool = openPool(scripted, { drawMs: 500 });
  const pid = Number(textOf(await pool.draw(Buffer.from("pid"))));
  await expect(pool.draw(Buffer.from("hang"))).rejects.toThrow(NotDrawnError);
  await expect.poll(() => isAlive(pid)).toBe(false);
  expect(Number(textOf(await pool.draw(Buffer.from("pid"))))).not.toBe(pid);
});

test("refuses an image that takes more CPU time than allowed", async () => {
  const image = await sharp({ create: { width: 6_000, height: 6_000, channels: 3, background: "#0b7a5c" } })
    .png()
    .toBuffer();
  await expect(openPool(drawingEntry, { drawCpuMs: 1 }).draw(image)).rejects.toThrow("of CPU time");
});

test("draws with another process while one hangs", async () => {
  const pool = openPool(scripted);
  const hanging = pool.draw(Buffer.from("hang"));
  // On a busy machine the second process may be ready before the first one.
  const stopped = expect(hanging).rejects.toThrow(/the drawing was stopped|did not start/);
  expect(textOf(await pool.draw(Buffer.from("pid")))).toMatch(/^\d+$/);
  pool.close();
  await stopped;
});

test("reports an image whose process ends as undrawable", async () => {
  const pool = openPool(scripted);
  await expect(pool.draw(Buffer.from("exit"))).rejects.toThrow(UndrawableError);
  expect(textOf(await pool.draw(Buffer.from("pid")))).toMatch(/^\d+$/);
});

test("starts no process before the first image, gives it no secrets and ends it when it is idle", async () => {
  process.env.SECRET_OF_THE_TEST = "secret";
  onTestFinished(() => void delete process.env.SECRET_OF_THE_TEST);
  const pool = openPool(scripted, { idleMs: 300 });
  expect(pool.pids).toEqual([]);
  expect(textOf(await pool.draw(Buffer.from("env")))).not.toContain("secret");
  await expect.poll(() => pool.pids).toEqual([]);
});

test("rejects without a verdict when the process cannot start", async () => {
  const pool = openPool(new URL("file:///nowhere/process.js"));
  const drawing = pool.draw(Buffer.from("pid"));
  await expect(drawing).rejects.toThrow("did not start");
  await expect(drawing).rejects.toThrow(NotDrawnError);
});

test("refuses images by their header, before decoding them", async () => {
  const pool = openPool(drawingEntry);
  const side = "a side is longer than 20000 pixels";
  const bytes = "the decoded image exceeds 268435456 bytes";
  for (const [header, reason] of [
    [{ width: 1, height: 64_000_000 }, side],
    [{ width: 64_000_000, height: 1 }, side],
    [{ width: 8_000, height: 7_999, bitDepth: 16, colorType: 6, isInterlaced: true }, bytes],
    [{ width: 7_000, height: 7_000, bitDepth: 16, colorType: 2, isInterlaced: true }, bytes],
    [{ width: 2 ** 31 - 1, height: 2 ** 31 - 1 }, /pixel|dimension|header|size/i],
  ] as const)
    await expect(pool.draw(pngHeader(header)), JSON.stringify(header)).rejects.toThrow(reason);
  expect(pool.pids).toHaveLength(1); // no image needed a limit of the process
});

test("draws a large photo, and an interlaced picture below the limits", async () => {
  const pool = openPool(drawingEntry);
  const large = sharp({ create: { width: 6_000, height: 4_000, channels: 3, background: "#0b7a5c" } });
  const drawn = await pool.draw(await large.jpeg().toBuffer());
  expect(await sharp(drawn).metadata()).toMatchObject({ format: "webp", width: 512, height: 341 });
  const interlaced = await large.resize(2_000, 2_000).toColourspace("rgb16").png({ progressive: true }).toBuffer();
  expect(await sharp(await pool.draw(interlaced)).metadata()).toMatchObject({ width: 512, height: 512 });
});
