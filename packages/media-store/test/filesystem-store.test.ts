import { createHash, randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { StoredFile } from "@syszap/contracts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createFilesystemStore, MediaNotFoundError, MediaTooLargeError } from "../src/index.ts";

const companyId = randomUUID();
const png = { companyId, mimeType: "image/png", fileName: "foto.png" };
let parent: string;
let directory: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "media-store-"));
  directory = join(parent, "media");
});
afterEach(() => rm(parent, { recursive: true, force: true }));

const filesUnder = async (path: string) =>
  (await readdir(path, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
const contentOf = async (opened: { stream: Readable }) => buffer(opened.stream);

test("a file comes back as it was given, with its hash and size", async () => {
  const store = createFilesystemStore(directory);
  const bytes = Buffer.from("conteúdo 📷");
  const stored = await store.put(bytes, png);
  expect(stored).toEqual({
    storageKey: expect.stringMatching(new RegExp(`^${companyId}/`)),
    mimeType: "image/png",
    fileName: "foto.png",
    size: bytes.byteLength,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  });
  expect(StoredFile.safeParse(stored).success).toBe(true);
  const opened = await store.open(stored.storageKey);
  expect(opened.size).toBe(bytes.byteLength);
  expect(await contentOf(opened)).toEqual(bytes);
});

test("a stream is stored like bytes, and the same content of a company is kept once", async () => {
  const store = createFilesystemStore(directory);
  const stored = await store.put(Readable.from([Buffer.from("a"), Buffer.from("b")]), png);
  expect((await store.put(Buffer.from("ab"), png)).storageKey).toBe(stored.storageKey);
  expect(await filesUnder(directory)).toHaveLength(1);
});

test("two companies never share a file, even for the same content", async () => {
  const store = createFilesystemStore(directory);
  const ours = await store.put(Buffer.from("x"), png);
  const theirs = await store.put(Buffer.from("x"), { ...png, companyId: randomUUID() });
  await store.remove(ours.storageKey);
  expect(await contentOf(await store.open(theirs.storageKey))).toEqual(Buffer.from("x"));
});

test("a file over the limit is refused and leaves nothing behind", async () => {
  const store = createFilesystemStore(directory, { limitBytes: 10 });
  const tooMuch = Readable.from([Buffer.alloc(6), Buffer.alloc(6)]);
  await expect(store.put(tooMuch, png)).rejects.toThrow(MediaTooLargeError);
  expect(tooMuch.destroyed).toBe(true);
  expect(await filesUnder(directory)).toEqual([]);
});

test("a stream that breaks off leaves nothing behind", async () => {
  const store = createFilesystemStore(directory);
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from("half");
      throw new Error("connection lost");
    })(),
  );
  await expect(store.put(broken, png)).rejects.toThrow("connection lost");
  expect(await filesUnder(directory)).toEqual([]);
});

test.each([
  "../secret.txt",
  `${companyId}/../../secret.txt`,
  "/etc/passwd",
  `${companyId}/ab/${"a".repeat(63)}`,
  `${companyId}/ab/${"a".repeat(64)}\u0000`,
  "",
])("a key that the store never gave out opens nothing: %j", async (key) => {
  const store = createFilesystemStore(directory);
  await store.put(Buffer.from("x"), png);
  await writeFile(join(parent, "secret.txt"), "secret");
  await expect(store.open(key)).rejects.toThrow(MediaNotFoundError);
  await expect(store.remove(key)).rejects.toThrow(MediaNotFoundError);
});

test("a company id that is a path is refused", async () => {
  const store = createFilesystemStore(directory);
  await expect(store.put(Buffer.from("x"), { ...png, companyId: "../elsewhere" })).rejects.toThrow(TypeError);
});

test("what a stranger calls the file is cut to what can be stored", async () => {
  const store = createFilesystemStore(directory);
  const stored = await store.put(Buffer.from("x"), { ...png, fileName: `a\u0000\ud800${"b".repeat(600)}` });
  expect(StoredFile.safeParse(stored).success).toBe(true);
  expect(stored.fileName).toMatch(/^a\ufffdb{253}$/);
});
