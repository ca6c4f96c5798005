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

test("what a killed process left half written goes, what is being written and what is kept stay", async () => {
  const incoming = join(directory, ".incoming");
  await mkdir(incoming);
  await mkdir(join(directory, "company"));
  const old = new Date(Date.now() - 7 * hourMs);
  for (const [path, changedAt] of [
    [join(incoming, "left"), old],
    [join(incoming, "under-way"), new Date()],
    [join(directory, "company", "kept"), old],
  ] as const) {
    await writeFile(path, "x");
    await utimes(path, changedAt, changedAt);
  }
  expect(await sweepIncoming(directory)).toBe(1);
  expect(await readdir(incoming)).toEqual(["under-way"]);
  expect(await readdir(join(directory, "company"))).toEqual(["kept"]);
  expect(await sweepIncoming(directory)).toBe(0);
});

test("a folder that is not there yet is no failure", async () => {
  expect(await sweepIncoming(join(directory, "absent"))).toBe(0);
});
