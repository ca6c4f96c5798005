import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sweepIncoming } from "../src/index.ts";

const hourMs = 3_600_000;
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "media-sweep-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test("removes old incomplete files, and keeps files that are being written or stored", async () => {
  const incoming = join(directory, ".incoming");
  await mkdir(incoming);
  await mkdir(join(directory, "company"));
  const old = new Date(Date.now() - 7 * hourMs);
  for (const [path, changedAt] of [
    [join(incoming, "abandoned"), old],
    [join(incoming, "in-progress"), new Date()],
    [join(directory, "company", "kept"), old],
  ] as const) {
    await writeFile(path, "x");
    await utimes(path, changedAt, changedAt);
  }
  expect(await sweepIncoming(directory)).toBe(1);
  expect(await readdir(incoming)).toEqual(["in-progress"]);
  expect(await readdir(join(directory, "company"))).toEqual(["kept"]);
  expect(await sweepIncoming(directory)).toBe(0);
});

test("removes nothing when the folder does not exist", async () => {
  expect(await sweepIncoming(join(directory, "absent"))).toBe(0);
});
