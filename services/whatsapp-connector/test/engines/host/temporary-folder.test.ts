import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test as it } from "vitest";
import { TemporaryFolder } from "../../../src/engines/host/temporary-folder.ts";

const test = it.extend<{ parent: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest derives the required fixtures from this pattern
  parent: async ({}, use) => {
    const parent = await mkdtemp(join(tmpdir(), "folders-"));
    await use(parent);
    await rm(parent, { recursive: true });
  },
});

test("is removed with its content", async ({ parent }) => {
  const folder = TemporaryFolder.make(randomUUID(), parent);
  await writeFile(join(folder.path ?? "", "left"), "");
  await folder.remove();
  expect(await readdir(parent)).toEqual([]);
});

test("removes the folders of earlier runs of the session, and no others", async ({ parent }) => {
  const [session, other] = [randomUUID(), randomUUID()];
  const [killed, unrelated] = [TemporaryFolder.make(session, parent), TemporaryFolder.make(other, parent)];
  await writeFile(join(killed.path ?? "", "left"), "");
  const next = TemporaryFolder.make(session, parent);
  const names = [next, unrelated].map(({ path }) => path?.slice(parent.length + 1));
  expect((await readdir(parent)).toSorted()).toEqual(names.toSorted());
});

test("uses the machine's folder if the path of Chromium's socket would be too long", async ({ parent }) => {
  const deep = join(parent, "deep".repeat(20));
  await mkdir(deep);
  expect(TemporaryFolder.make(randomUUID(), deep).path).toBeUndefined();
  expect(await readdir(deep)).toEqual([]);
});
