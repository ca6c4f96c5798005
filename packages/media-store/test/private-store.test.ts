import { createHash, randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  createFilesystemPrivateStore,
  createFilesystemStore,
  MediaNotFoundError,
  MediaTooLargeError,
  type PrivateStore,
} from "../src/index.ts";

let directory: string;
let store: PrivateStore;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "private-store-"));
  store = createFilesystemPrivateStore(directory, { limitBytes: 1_000 });
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const contentOf = async (key: string) => (await buffer((await store.open(key)).stream)).toString();

test("a key holds what was put there last", async () => {
  const key = `profiles/${randomUUID()}/one`;
  await store.put(key, Buffer.from("first"));
  const sha256 = createHash("sha256").update("second").digest("hex");
  expect(await store.put(key, Readable.from([Buffer.from("sec"), Buffer.from("ond")]))).toEqual({ size: 6, sha256 });
  expect(await contentOf(key)).toBe("second");
  await store.remove(key);
  await store.remove(key);
  await expect(store.open(key)).rejects.toThrow(MediaNotFoundError);
});

test("a folder lists its own keys", async () => {
  const folder = `profiles/${randomUUID()}`;
  expect(await store.list(folder)).toEqual([]);
  await store.put(`${folder}/b`, Buffer.from("b"));
  await store.put(`${folder}/a`, Buffer.from("a"));
  await store.put(`${folder}/deeper/c`, Buffer.from("c"));
  expect((await store.list(folder)).sort()).toEqual([`${folder}/a`, `${folder}/b`]);
});

test("what is too large, or breaks off, leaves nothing and keeps what was there", async () => {
  await store.put("k", Buffer.from("kept"));
  await expect(store.put("k", Readable.from([Buffer.alloc(600), Buffer.alloc(600)]))).rejects.toThrow(
    MediaTooLargeError,
  );
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from("half");
      throw new Error("the source broke");
    })(),
  );
  await expect(store.put("k", broken)).rejects.toThrow("the source broke");
  expect(await contentOf("k")).toBe("kept");
  expect(await readdir(join(directory, ".incoming"))).toEqual([]);
});

test("no key of the media store opens a private file, whatever a row says", async () => {
  const media = createFilesystemStore(directory);
  const key = `profiles/${randomUUID()}/${"0".repeat(64)}`;
  await store.put(key, Buffer.from("credential"));
  const company = randomUUID();
  for (const asked of [
    `private/${key}`,
    key,
    `${company}/../private/${key}`,
    `${company}/00/../../private/${key}`,
    `./private/${key}`,
  ]) {
    await expect(media.open(asked), asked).rejects.toThrow(MediaNotFoundError);
  }
});

test("files are for the process's own user, and keys can't leave the folder", async () => {
  await store.put("profiles/one", Buffer.from("credential"));
  expect((await stat(join(directory, "private", "profiles", "one"))).mode & 0o077).toBe(0);
  for (const key of ["../out", "a/../../out", "/etc/passwd", "", "a//b", "A", "a\u0000"]) {
    await expect(store.put(key, Buffer.from("x")), key).rejects.toThrow(TypeError);
  }
});
