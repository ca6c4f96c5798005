import { expect, test } from "vitest";
import { z } from "zod";
import { loadEnvironment, mediaEnvironment, mediaSettings } from "../src/index.ts";

const read = (env: Record<string, string>) =>
  mediaSettings(loadEnvironment(z.object(mediaEnvironment), { MEDIA_DIRECTORY: "/data/media", ...env }));

test("stores files in the directory unless a bucket is configured", () => {
  expect(read({ MEDIA_S3_BUCKET: "", MEDIA_S3_REGION: "eu-west-1" })).toEqual({ directory: "/data/media" });
});

test("uses Amazon S3 with the credentials of the machine by default", () => {
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
])("names an invalid %s without its value", ([name = "", value = ""]) => {
  const reading = () => read({ MEDIA_S3_BUCKET: "files", [name]: value });
  expect(reading).toThrow(name);
  expect(reading).not.toThrow(value);
});
