import { createHash, randomUUID } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { describe, expect } from "vitest";
import { MediaNotFoundError, MediaRangeError, MediaTooLargeError, type PrivateStore } from "../src/index.ts";
import { backends, testOf } from "./support/backends.ts";

const contentOf = async (store: PrivateStore, key: string) => (await buffer((await store.open(key)).stream)).toString();

describe.for(backends)("a private store on %s", (name) => {
  const test = testOf(name);

  test("returns the content that was stored last under a key", async ({ backend }) => {
    const store = await backend.private();
    const key = `profiles/${randomUUID()}/one`;
    await store.put(key, Buffer.from("first"));
    const sha256 = createHash("sha256").update("second").digest("hex");
    expect(await store.put(key, Readable.from([Buffer.from("sec"), Buffer.from("ond")]))).toEqual({ size: 6, sha256 });
    expect(await contentOf(store, key)).toBe("second");
    const part = await store.open(key, { start: 3, end: 4 });
    expect((await buffer(part.stream)).toString()).toBe("on");
    await expect(store.open(key, { start: 6 })).rejects.toEqual(new MediaRangeError(6));
    await store.remove(key);
    await store.remove(key);
    await expect(store.open(key)).rejects.toThrow(MediaNotFoundError);
  });

  test("lists the keys of a folder", async ({ backend }) => {
    const store = await backend.private();
    const folder = `profiles/${randomUUID()}`;
    expect(await store.list(folder)).toEqual([]);
    await store.put(`${folder}/b`, Buffer.from("b"));
    await store.put(`${folder}/a`, Buffer.from("a"));
    await store.put(`${folder}-beside/x`, Buffer.from("x"));
    await store.put(`${folder}/deeper/c`, Buffer.from("c"));
    expect((await store.list(folder)).sort()).toEqual([`${folder}/a`, `${folder}/b`]);
  });

  test("keeps the previous content when a new file is too large or its stream fails", async ({ backend }) => {
    const store = await backend.private();
    await store.put("k", Buffer.from("kept"));
    await expect(store.put("k", Readable.from([Buffer.alloc(600), Buffer.alloc(600)]))).rejects.toThrow(
      MediaTooLargeError,
    );
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from("half");
        throw new Error("the source failed");
      })(),
    );
    await expect(store.put("k", broken)).rejects.toThrow("the source failed");
    expect(await contentOf(store, "k")).toBe("kept");
    expect(await backend.storedPaths()).toEqual(["private/k"]);
  });

  test("never opens a file by a key of the other store", async ({ backend }) => {
    const [store, media] = [await backend.private(), await backend.media()];
    const key = `profiles/${randomUUID()}/${"0".repeat(64)}`;
    await store.put(key, Buffer.from("credential"));
    const companyId = randomUUID();
    for (const foreignKey of [
      `private/${key}`,
      key,
      `${companyId}/../private/${key}`,
      `${companyId}/00/../../private/${key}`,
      `./private/${key}`,
    ]) {
      await expect(media.open(foreignKey), foreignKey).rejects.toThrow(MediaNotFoundError);
    }
    const { storageKey } = await media.put(Buffer.from("x"), { companyId, mimeType: "text/plain", fileName: null });
    await expect(store.open(storageKey)).rejects.toThrow(MediaNotFoundError);
  });

  test("rejects keys that could leave the folder", async ({ backend }) => {
    const store = await backend.private();
    for (const key of ["../out", "a/../../out", "/etc/passwd", "", "a//b", "A", "a\u0000"]) {
      await expect(store.put(key, Buffer.from("x")), key).rejects.toThrow(TypeError);
    }
    expect(await backend.storedPaths()).toEqual([]);
  });
});

testOf("filesystem")("private files are readable by the user of the process only", async ({ backend }) => {
  await (await backend.private()).put("profiles/one", Buffer.from("credential"));
  expect((await stat(join(backend.directory, "private", "profiles", "one"))).mode & 0o077).toBe(0);
});
