import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { type ByteRange, MediaNotFoundError, MediaRangeError, type OpenedFile } from "../media-store.ts";
import type { Spooled } from "../spool.ts";

export interface S3Settings {
  bucket: string;
  region: string;
  /** Without one: Amazon's own of that region. */
  endpoint?: string | undefined;
  /** `https://host/bucket/key` instead of `https://bucket.host/key`: what most servers other than Amazon's want. */
  isPathStyle: boolean;
  /** Without them: what the machine itself may do (role, profile, environment of the AWS SDK). */
  credentials?: { accessKeyId: string; secretAccessKey: string } | undefined;
}

const connectMs = 5_000;
/** Without a byte in either direction. */
const silenceMs = 30_000;

/** Files in one bucket, each written by a single request: complete, or not there at all. */
export class Bucket {
  private readonly client: S3Client;
  private readonly name: string;

  constructor({ bucket, region, endpoint, isPathStyle, credentials }: S3Settings) {
    this.name = bucket;
    this.client = new S3Client({
      region,
      forcePathStyle: isPathStyle,
      ...(endpoint !== undefined && { endpoint }),
      ...(credentials && { credentials }),
      // Its own checksums in trailers are unknown to other servers; the content's hash is in our keys and records.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      requestHandler: { connectionTimeout: connectMs, socketTimeout: silenceMs },
    });
  }

  /** From a file, so that its length is known and nothing larger than a buffer is in memory. */
  async put(key: string, { path, size }: Spooled): Promise<void> {
    const Body = createReadStream(path);
    try {
      await this.client.send(new PutObjectCommand({ ...this.at(key), Body, ContentLength: size }));
    } finally {
      Body.destroy();
    }
  }

  /** Rejects with `MediaNotFoundError` when there is none, with `MediaRangeError` when it has no such part. */
  async open(key: string, range?: ByteRange): Promise<OpenedFile> {
    const Range = range && `bytes=${range.start}-${range.end ?? ""}`;
    try {
      const found = await this.client.send(new GetObjectCommand({ ...this.at(key), ...(Range && { Range }) }));
      const size = Number(found.ContentRange?.split("/")[1] ?? found.ContentLength);
      const stream = found.Body as Readable; // in Node it is always one
      if (range && range.start >= size) {
        stream.destroy(); // some servers answer for an empty file as if nothing had been asked
        throw new MediaRangeError(size);
      }
      return { stream, size };
    } catch (error) {
      throw error instanceof S3ServiceException ? await this.translate(error, key) : error;
    }
  }

  /** Undefined when there is none. */
  async writtenAt(key: string): Promise<Date | undefined> {
    try {
      return (await this.client.send(new HeadObjectCommand(this.at(key)))).LastModified;
    } catch (error) {
      if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return undefined;
      throw error;
    }
  }

  /** No error when it is gone already: S3 does not tell. */
  async remove(key: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand(this.at(key)));
  }

  /** Keys directly in a folder. */
  async list(folder: string): Promise<string[]> {
    const keys: string[] = [];
    const pages = paginateListObjectsV2(
      { client: this.client },
      { Bucket: this.name, Prefix: `${folder}/`, Delimiter: "/" },
    );
    for await (const { Contents } of pages) keys.push(...(Contents ?? []).flatMap(({ Key }) => Key ?? []));
    return keys;
  }

  private async translate(error: S3ServiceException, key: string): Promise<unknown> {
    const status = error.$metadata.httpStatusCode;
    if (status === 404 && error.name !== "NoSuchBucket") return new MediaNotFoundError();
    if (status !== 416) return error;
    const { ContentLength } = await this.client.send(new HeadObjectCommand(this.at(key)));
    return new MediaRangeError(ContentLength ?? 0);
  }

  private at(key: string) {
    return { Bucket: this.name, Key: key };
  }
}
