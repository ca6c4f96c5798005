import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { type ByteRange, MediaNotFoundError, MediaRangeError, type OpenedFile } from "../media-store.ts";
import type { SpooledFile } from "../spool.ts";

export interface S3Settings {
  bucket: string;
  region: string;
  /** Default: Amazon's endpoint of the region. */
  endpoint?: string | undefined;
  /** Use `https://host/bucket/key` instead of `https://bucket.host/key`. Most servers other than Amazon's need this. */
  isPathStyle: boolean;
  /** Default: the AWS SDK's own credentials of the machine (role, profile or environment). */
  credentials?: { accessKeyId: string; secretAccessKey: string } | undefined;
}

/** Keys in one page of a listing, at most. */
const maxListed = 1_000;
const connectTimeoutMs = 5_000;
/** Inactivity timeout of a socket. */
const socketTimeoutMs = 30_000;

/** Stores files in one S3 bucket. Each file is written by a single request, so it is either complete or absent. */
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
      // Other servers do not support the SDK's checksum trailers. Our keys and rows contain the hash of the content.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      requestHandler: { connectionTimeout: connectTimeoutMs, socketTimeout: socketTimeoutMs },
    });
  }

  /** Uploads from a file, because S3 needs the length in advance, without loading the content into memory. */
  async put(key: string, { path, size }: SpooledFile): Promise<void> {
    const Body = createReadStream(path);
    // The client listens only once it is connected. A file that cannot be read aborts the upload.
    const aborter = new AbortController();
    Body.once("error", () => aborter.abort());
    try {
      const command = new PutObjectCommand({ ...this.at(key), Body, ContentLength: size });
      await this.client.send(command, { abortSignal: aborter.signal });
    } catch (error) {
      throw Body.errored ?? error;
    } finally {
      Body.destroy();
    }
  }

  /**
   * Rejects with `MediaNotFoundError` when the file does not exist, and with `MediaRangeError` when the range starts beyond its
   * end.
   */
  async open(key: string, range?: ByteRange): Promise<OpenedFile> {
    const Range = range && `bytes=${range.start}-${range.end ?? ""}`;
    try {
      const found = await this.client.send(new GetObjectCommand({ ...this.at(key), ...(Range && { Range }) }));
      const size = Number(found.ContentRange?.split("/")[1] ?? found.ContentLength);
      const stream = found.Body as Readable; // The SDK always returns a Node.js stream here.
      if (range && range.start >= size) {
        stream.destroy(); // Some servers ignore the range for an empty file.
        throw new MediaRangeError(size);
      }
      return { stream, size };
    } catch (error) {
      throw error instanceof S3ServiceException ? await this.translate(error, key) : error;
    }
  }

  /** Returns undefined when the file does not exist. */
  async writtenAt(key: string): Promise<Date | undefined> {
    try {
      return (await this.client.send(new HeadObjectCommand(this.at(key)))).LastModified;
    } catch (error) {
      if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return undefined;
      throw error;
    }
  }

  /** Resolves also when the file does not exist: S3 does not report that. */
  async remove(key: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand(this.at(key)));
  }

  /** Removes at most `limit` files below a folder, and at most one page of the listing. Returns how many. */
  async removeBelow(folder: string, limit: number): Promise<number> {
    const { Contents = [] } = await this.client.send(
      new ListObjectsV2Command({ Bucket: this.name, Prefix: `${folder}/`, MaxKeys: Math.min(limit, maxListed) }),
    );
    // One by one: a request that deletes several needs a checksum that not every server supports.
    for (const { Key } of Contents) if (Key !== undefined) await this.remove(Key);
    return Contents.length;
  }

  /** Returns the keys directly in a folder. */
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
