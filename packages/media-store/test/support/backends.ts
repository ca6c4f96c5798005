import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { startS3TestServer } from "@syszap/testing/servers";
import { test as base } from "vitest";
import { type MediaStore, openMediaStore, openPrivateStore, type PrivateStore } from "../../src/index.ts";

export interface Backend {
  directory: string;
  media(limitBytes?: number): Promise<MediaStore>;
  private(limitBytes?: number): Promise<PrivateStore>;
  /** Keys or paths of all stored files, temporary files included. */
  storedPaths(): Promise<string[]>;
}
type Closer = () => Promise<unknown>;

async function filesUnder(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)));
}

async function openBackend(name: BackendName, closers: Closer[]): Promise<Backend> {
  const parent = await mkdtemp(join(tmpdir(), "media-store-"));
  closers.push(() => rm(parent, { recursive: true, force: true }));
  const directory = join(parent, "media");
  const s3 = name === "s3" ? await startS3TestServer() : undefined;
  if (s3) closers.push(() => s3.stop());
  const settings = { directory, s3: s3?.settings };
  return {
    directory,
    media: (limitBytes) => openMediaStore(settings, limitBytes === undefined ? {} : { limitBytes }),
    private: (limitBytes = 1_000) => openPrivateStore(settings, { limitBytes }),
    storedPaths: async () => [...(await filesUnder(directory)), ...((await s3?.keys()) ?? [])].sort(),
  };
}

export const backends = ["filesystem", "s3"] as const;
type BackendName = (typeof backends)[number];

/** Creates a `test` with an empty backend for each test. */
export const testOf = (name: BackendName) =>
  base.extend<{ backend: Backend }>({
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixture's dependencies from this pattern
    backend: async ({}, use) => {
      const closers: Closer[] = [];
      await use(await openBackend(name, closers));
      for (const close of closers.toReversed()) await close();
    },
  });
