import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFilesystemStore, type MediaStore, openMediaStore } from "@syszap/media-store";
import { createLogger } from "@syszap/platform";
import { startS3TestServer } from "@syszap/testing/servers";
import express from "express";
import supertest from "supertest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type SentFile, sendFile } from "../../src/media/send-file.ts";
import { problemHandler } from "../../src/problem.ts";

const bytes = Buffer.concat([Buffer.from("ID3\x04"), randomBytes(300_000)]);
const size = bytes.byteLength;

/** Starts an app that serves one file from the given store. */
async function open(name: "filesystem" | "s3") {
  const directory = await mkdtemp(join(tmpdir(), "ranges-"));
  const s3 = name === "s3" ? await startS3TestServer() : undefined;
  const store: MediaStore = s3
    ? await openMediaStore({ directory, s3: s3.settings })
    : createFilesystemStore(directory);
  const stored = await store.put(bytes, {
    companyId: "0e9c1b52-8c55-4f0c-a7a4-5d7a9a0b6c11",
    mimeType: "audio/mpeg",
    fileName: "som.mp3",
  });
  const app = express();
  app.get("/", async (req, res) => sendFile({ req, res }, stored satisfies SentFile, store));
  app.use(problemHandler(createLogger({ service: "test", level: "silent" })));
  const server = createServer(app).listen(0, "127.0.0.1");
  const close = async () => {
    await new Promise((resolve) => server.close(resolve));
    await s3?.stop();
    await rm(directory, { recursive: true, force: true });
  };
  return { request: supertest(server), etag: `"${stored.sha256}"`, close };
}

describe.each(["filesystem", "s3"] as const)("byte ranges of a file on %s", (name) => {
  let opened: Awaited<ReturnType<typeof open>>;
  beforeAll(async () => {
    opened = await open(name);
  });
  afterAll(() => opened.close());
  const get = (headers: Record<string, string> = {}) => opened.request.get("/").set(headers).buffer(true).parse(raw);

  test.each([
    ["bytes=0-1", 0, 1],
    ["bytes=100-", 100, size - 1],
    ["bytes=-500", size - 500, size - 1],
    [`bytes=${size - 1}-${size * 2}`, size - 1, size - 1],
    [`bytes=-${size * 2}`, 0, size - 1],
  ])("answers %s with the range", async (range, start, end) => {
    const res = await get({ Range: range }).expect(206);
    expect(res.headers).toMatchObject({
      "content-range": `bytes ${start}-${end}/${size}`,
      "content-length": String(end - start + 1),
      "accept-ranges": "bytes",
      etag: opened.etag,
    });
    expect(bytes.subarray(start, end + 1).equals(res.body)).toBe(true);
  });

  test.each([`bytes=${size}-`, "bytes=-0"])("rejects %s, which lies beyond the file", async (range) => {
    const res = await opened.request.get("/").set("Range", range).expect(416);
    expect(res.headers["content-range"]).toBe(`bytes */${size}`);
    expect(res.body).toMatchObject({ type: "/problems/range-not-satisfiable", status: 416 });
  });

  test.each(["bytes=0-1,4-5", "bytes=5-2", "items=0-1", "bytes=a-b", "bytes=-"])(
    "answers %s, which is not one valid range, with the whole file",
    async (range) => {
      const res = await get({ Range: range }).expect(200);
      expect(res.headers).not.toHaveProperty("content-range");
      expect(bytes.equals(res.body)).toBe(true);
    },
  );

  test("answers with the whole file when If-Range does not match", async () => {
    const range = { Range: "bytes=10-19" };
    await get({ ...range, "If-Range": opened.etag }).expect(206);
    for (const other of ['"other"', `W/${opened.etag}`, "Wed, 21 Oct 2015 07:28:00 GMT"])
      expect((await get({ ...range, "If-Range": other }).expect(200)).body).toHaveLength(size);
  });

  test("answers HEAD with the headers of GET and no body", async () => {
    const res = await opened.request.head("/").expect(200);
    expect(res.headers).toMatchObject({ "content-length": String(size), "accept-ranges": "bytes", etag: opened.etag });
    const part = await opened.request.head("/").set("Range", "bytes=0-9").expect(206);
    expect(part.headers).toMatchObject({ "content-length": "10", "content-range": `bytes 0-9/${size}` });
  });

  test("answers 304 when the client has the file", async () => {
    for (const known of [opened.etag, `W/${opened.etag}`, `"a", ${opened.etag}`])
      await opened.request.get("/").set("If-None-Match", known).expect(304);
    await get({ "If-None-Match": '"another"' }).expect(200);
  });
});

function raw(response: supertest.Response, done: (error: Error | null, body: Buffer) => void): void {
  const res = response as unknown as NodeJS.ReadableStream;
  const parts: Buffer[] = [];
  res.on("data", (part: Buffer) => parts.push(part));
  res.on("end", () => done(null, Buffer.concat(parts)));
}
