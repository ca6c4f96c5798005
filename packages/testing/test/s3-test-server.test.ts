import { buffer } from "node:stream/consumers";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from "@aws-sdk/client-s3";
import { startS3TestServer } from "@syszap/testing/servers";
import { expect, onTestFinished, test } from "vitest";

async function start() {
  const { settings, keys, stop } = await startS3TestServer();
  onTestFinished(stop);
  const { bucket: Bucket, region, endpoint } = settings;
  const connect = (secretAccessKey = settings.credentials.secretAccessKey) => {
    const credentials = { ...settings.credentials, secretAccessKey };
    const client = new S3Client({
      ...{ region, endpoint, credentials, forcePathStyle: true, requestChecksumCalculation: "WHEN_REQUIRED" },
    });
    onTestFinished(() => client.destroy());
    return client;
  };
  return { Bucket, endpoint, keys, connect };
}

test("stores, reads, describes and deletes an object", async () => {
  const { Bucket, connect, keys } = await start();
  const client = connect();
  const object = { Bucket, Key: "pasta/foto de março+&.png" };
  await client.send(new PutObjectCommand({ ...object, Body: Buffer.from("0123456789") }));
  expect(await keys()).toEqual([object.Key]);
  const whole = await client.send(new GetObjectCommand(object));
  expect((await buffer(whole.Body as NodeJS.ReadableStream)).toString()).toBe("0123456789");
  const part = await client.send(new GetObjectCommand({ ...object, Range: "bytes=8-400" }));
  expect(part.ContentRange).toBe("bytes 8-9/10");
  expect((await buffer(part.Body as NodeJS.ReadableStream)).toString()).toBe("89");
  const described = await client.send(new HeadObjectCommand(object));
  expect(described).toMatchObject({ ContentLength: 10, LastModified: expect.any(Date) });
  await client.send(new DeleteObjectCommand(object));
  await client.send(new DeleteObjectCommand(object));
  expect(await keys()).toEqual([]);
});

test("answers with the errors of S3", async () => {
  const { Bucket, connect } = await start();
  const client = connect();
  const object = { Bucket, Key: "a" };
  await expect(client.send(new GetObjectCommand(object))).rejects.toMatchObject({ name: "NoSuchKey" });
  await expect(client.send(new HeadObjectCommand(object))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 404 },
  });
  await expect(client.send(new GetObjectCommand({ Bucket: "other", Key: "a" }))).rejects.toMatchObject({
    name: "NoSuchBucket",
  });
  await client.send(new PutObjectCommand({ ...object, Body: Buffer.alloc(0) }));
  await expect(client.send(new GetObjectCommand({ ...object, Range: "bytes=0-" }))).rejects.toMatchObject({
    name: "InvalidRange",
  });
  await expect(client.send(new ListBucketsCommand())).rejects.toMatchObject({ name: "NotImplemented" });
});

test("lists the keys under a prefix page by page, without those of deeper folders", async () => {
  const { Bucket, connect } = await start();
  const client = connect();
  for (const Key of ["f/a", "f/b", "f/c", "f/deeper/d", "f-beside/e"])
    await client.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
  const request = { Bucket, Prefix: "f/", Delimiter: "/" };
  const pages: (string | undefined)[][] = [];
  for await (const { Contents } of paginateListObjectsV2({ client, pageSize: 2 }, request))
    pages.push((Contents ?? []).map(({ Key }) => Key));
  expect(pages).toEqual([["f/a", "f/b"], ["f/c"]]);
});

test("rejects requests that are unsigned or signed with another key", async () => {
  const { Bucket, endpoint, connect } = await start();
  const request = { Bucket, Prefix: "f/" };
  await expect(connect("wrong").send(new ListObjectsV2Command(request))).rejects.toMatchObject({
    name: "SignatureDoesNotMatch",
  });
  const unsigned = await fetch(`${endpoint}/${Bucket}/a`);
  expect(unsigned.status).toBe(403);
  expect(await unsigned.text()).toContain("AccessDenied");
});
