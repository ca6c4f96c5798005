import { startS3TestServer } from "@syszap/testing/servers";
import { expect, onTestFinished, test } from "vitest";
import { Bucket } from "../src/s3/bucket.ts";

test("rejects the upload of a file that cannot be read, with the cause", async () => {
  const server = await startS3TestServer();
  onTestFinished(() => server.stop());
  const file = { path: "/nowhere/file", size: 5, sha256: "", head: Buffer.alloc(0) };
  await expect(new Bucket(server.settings).put("key", file)).rejects.toMatchObject({ code: "ENOENT" });
  expect(await server.keys()).toEqual([]);
});
