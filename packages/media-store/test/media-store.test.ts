import { createHash, randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { StoredFile } from "@syszap/contracts";
import { describe, expect } from "vitest";
import { MediaNotFoundError, MediaRangeError, MediaTooLargeError } from "../src/index.ts";
import { backends, testOf } from "./support/backends.ts";

const companyId = randomUUID();
const png = { companyId, mimeType: "image/png", fileName: "foto.png" };
const contentOf = async (opened: { stream: Readable }) => buffer(opened.stream);

describe.for(backends)("a media store on %s", (name) => {
  const test = testOf(name);

  test("returns a stored file unchanged, with its hash and size", async ({ backend }) => {
    const store = await backend.media();
    const bytes = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.from("conteúdo 📷")]);
    const stored = await store.put(Readable.from([bytes.subarray(0, 3), bytes.subarray(3)]), {
      ...png,
      mimeType: "text/html", // The content decides, not the declared type.
    });
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

  test("stores streams like bytes, and identical content of a company once", async ({ backend }) => {
    const store = await backend.media();
    const large = randomBytes(9_000_001);
    const pieces = [large.subarray(0, 5), large.subarray(5, 6_000_000), large.subarray(6_000_000)];
    const stored = await store.put(Readable.from(pieces), png);
    expect((await store.put(large, png)).storageKey).toBe(stored.storageKey);
    expect(await backend.storedPaths()).toEqual([stored.storageKey]);
    expect((await contentOf(await store.open(stored.storageKey))).equals(large)).toBe(true);
    const empty = await store.put(Readable.from([]), png);
    expect(await contentOf(await store.open(empty.storageKey))).toHaveLength(0);
  });

  test("opens a range of a file and returns the size of the whole file", async ({ backend }) => {
    const store = await backend.media();
    const { storageKey } = await store.put(Buffer.from("0123456789"), png);
    const part = async (range: { start: number; end?: number }) => {
      const opened = await store.open(storageKey, range);
      expect(opened.size).toBe(10);
      return (await contentOf(opened)).toString();
    };
    expect(await part({ start: 0, end: 1 })).toBe("01");
    expect(await part({ start: 2, end: 5 })).toBe("2345");
    expect(await part({ start: 7 })).toBe("789");
    expect(await part({ start: 8, end: 400 })).toBe("89");
    await expect(store.open(storageKey, { start: 10 })).rejects.toEqual(new MediaRangeError(10));
    for (const range of [{ start: -1 }, { start: 2, end: 1 }, { start: 0.5 }, { start: 0, end: Number.NaN }]) {
      await expect(store.open(storageKey, range), JSON.stringify(range)).rejects.toThrow(TypeError);
    }
    const empty = await store.put(Buffer.from(""), png);
    await expect(store.open(empty.storageKey, { start: 0 })).rejects.toEqual(new MediaRangeError(0));
  });

  test("never shares a file between companies, even for identical content", async ({ backend }) => {
    const store = await backend.media();
    const ours = await store.put(Buffer.from("x"), png);
    const theirs = await store.put(Buffer.from("x"), { ...png, companyId: randomUUID() });
    await store.remove(ours.storageKey, new Date(Date.now() - 60_000)); // Kept: it was stored after that time.
    (await store.open(ours.storageKey)).stream.destroy();
    await store.remove(ours.storageKey);
    await store.remove(ours.storageKey);
    expect(await contentOf(await store.open(theirs.storageKey))).toEqual(Buffer.from("x"));
    await expect(store.open(ours.storageKey)).rejects.toThrow(MediaNotFoundError);
  });

  test("rejects a file as soon as it exceeds the limit, and stores nothing of it", async ({ backend }) => {
    const store = await backend.media(10);
    let chunks = 0;
    const endless = Readable.from(
      (function* () {
        for (;;) {
          chunks += 1;
          yield Buffer.alloc(6);
        }
      })(),
    );
    await expect(store.put(endless, png)).rejects.toThrow(MediaTooLargeError);
    expect(endless.destroyed).toBe(true);
    expect(chunks).toBeLessThan(50);
    expect(await backend.storedPaths()).toEqual([]);
  });

  test("rejects a stream that fails, or is closed, before it is read", async ({ backend }) => {
    const store = await backend.media();
    const failing = new PassThrough();
    const stored = store.put(failing, png);
    failing.destroy(new Error("connection lost"));
    await expect(stored).rejects.toThrow("connection lost");
    const closed = new PassThrough();
    closed.destroy();
    await once(closed, "close");
    await expect(store.put(closed, png)).rejects.toMatchObject({ code: "ERR_STREAM_PREMATURE_CLOSE" });
    expect(await backend.storedPaths()).toEqual([]);
  });

  test("destroys a stream when its directory cannot be written", async ({ backend }) => {
    await writeFile(backend.directory, "a file instead of the directory");
    const store = await backend.media();
    const unread = new PassThrough();
    await expect(store.put(unread, png)).rejects.toThrow(/EEXIST|ENOTDIR/);
    expect(unread.destroyed).toBe(true);
  });

  test("stores nothing of a stream that fails", async ({ backend }) => {
    const store = await backend.media();
    const broken = Readable.from(
      (async function* () {
        yield Buffer.alloc(8_000_000);
        throw new Error("connection lost");
      })(),
    );
    await expect(store.put(broken, png)).rejects.toThrow("connection lost");
    expect(await backend.storedPaths()).toEqual([]);
  });

  test.for([
    "../secret.txt",
    `${companyId}/../../secret.txt`,
    "/etc/passwd",
    `${companyId}/ab/${"a".repeat(63)}`,
    `${companyId}/ab/${"a".repeat(64)}\u0000`,
    "",
  ])("rejects a key that it never returned: %j", async (key, { backend }) => {
    const store = await backend.media();
    await store.put(Buffer.from("x"), png);
    await writeFile(join(dirname(backend.directory), "secret.txt"), "secret");
    await expect(store.open(key)).rejects.toThrow(MediaNotFoundError);
    await expect(store.remove(key)).rejects.toThrow(MediaNotFoundError);
  });

  test("rejects a company id that is a path", async ({ backend }) => {
    const store = await backend.media();
    await expect(store.put(Buffer.from("x"), { ...png, companyId: "../elsewhere" })).rejects.toThrow(TypeError);
  });

  test("shortens and cleans an untrusted file name", async ({ backend }) => {
    const store = await backend.media();
    const stored = await store.put(Buffer.from("x"), { ...png, fileName: `a\u0000\ud800${"b".repeat(600)}` });
    expect(StoredFile.safeParse(stored).success).toBe(true);
    expect(stored.fileName).toMatch(/^a\ufffdb{253}$/);
  });
});
