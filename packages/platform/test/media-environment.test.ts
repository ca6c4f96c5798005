import { expect, test } from "vitest";
import { z } from "zod";
import { loadEnvironment, mediaEnvironment, mediaSettings } from "../src/index.ts";

const read = (env: Record<string, string>) =>
  mediaSettings(loadEnvironment(z.object(mediaEnvironment), { MEDIA_DIRECTORY: "/data/media", ...env }));

test("files live in the directory unless a bucket is named", () => {
  expect(read({ MEDIA_S3_BUCKET: "", MEDIA_S3_REGION: "eu-west-1" })).toEqual({ directory: "/data/media" });
});

test("a bucket is Amazon's, with the machine's own rights, unless more is said", () => {
  expect(read({ MEDIA_S3_BUCKET: "files" }).s3).toEqual({ bucket: "files", region: "us-east-1", isPathStyle: false });
  const env = {
    MEDIA_S3_BUCKET: "files",
    MEDIA_S3_REGION: "sa-east-1",
    MEDIA_S3_ENDPOINT: "http://minio:9000",
    MEDIA_S3_PATH_STYLE: "true",
    MEDIA_S3_CREDENTIALS: "id:with:colons/and+more=",
  };
  expect(read(env)).toEqual({
    directory: "/data/media",
    s3: {
      bucket: "files",
      region: "sa-east-1",
      endpoint: "http://minio:9000",
      isPathStyle: true,
      credentials: { accessKeyId: "id", secretAccessKey: "with:colons/and+more=" },
    },
  });
});

test.for([
  ["MEDIA_S3_ENDPOINT", "minio:9000"],
  ["MEDIA_S3_CREDENTIALS", "only-an-id"],
  ["MEDIA_S3_CREDENTIALS", ":secret-alone"],
  ["MEDIA_S3_PATH_STYLE", "perhaps"],
])("a bad %s is refused by name and never repeated", ([name = "", value = ""]) => {
  const reading = () => read({ MEDIA_S3_BUCKET: "files", [name]: value });
  expect(reading).toThrow(name);
  expect(reading).not.toThrow(value);
});
