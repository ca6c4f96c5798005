import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { signatureError } from "./s3-signature.ts";

export interface S3TestServer {
  /** Connection settings of the server's only bucket, which is empty at the start. */
  settings: {
    bucket: string;
    region: string;
    endpoint: string;
    isPathStyle: true;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };
  /** Keys of all objects in the bucket, sorted. Read from memory, not through the API. */
  keys(): Promise<string[]>;
  stop(): Promise<void>;
}

interface StoredObject {
  bytes: Buffer;
  etag: string;
  writtenAt: Date;
}

/** An error answer of S3: the code is what SDKs report as the error's name. */
class S3Error extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
  ) {
    super(code);
  }
}

const bucket = "syszap";
const credentials = { accessKeyId: "test-access-key", secretAccessKey: "test-secret-key" };
const maxPageSize = 1_000;

/**
 * Starts an S3 server for tests on a free loopback port. It keeps objects in memory, verifies request signatures (version 4) and
 * implements the five calls that the media store makes: PutObject, GetObject, HeadObject, DeleteObject and ListObjectsV2. Any
 * other call is answered with 501.
 */
export async function startS3TestServer(): Promise<S3TestServer> {
  const objects = new Map<string, StoredObject>();
  const server = createServer((req, res) => {
    answer(objects, req, res).catch((error: unknown) => sendError(res, error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    settings: {
      bucket,
      region: "us-east-1",
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      isPathStyle: true,
      credentials,
    },
    keys: async () => [...objects.keys()].sort(),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(objects: Map<string, StoredObject>, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const body = await buffer(req);
  const refusal = signatureError(req, body, credentials);
  if (refusal !== undefined) throw new S3Error(403, refusal);
  const { pathname, searchParams } = new URL(req.url ?? "/", "http://localhost");
  const [, bucketName, ...rest] = pathname.split("/").map(decodeURIComponent);
  const key = rest.join("/");
  if (bucketName === "") throw new S3Error(501, "NotImplemented");
  if (bucketName !== bucket) throw new S3Error(404, "NoSuchBucket");
  if (key === "" && req.method === "GET" && searchParams.get("list-type") === "2")
    return sendList(res, [...objects.keys()].sort(), searchParams);
  if (key === "" || req.headers["content-encoding"] === "aws-chunked") throw new S3Error(501, "NotImplemented");
  switch (req.method) {
    case "PUT": {
      const etag = `"${createHash("md5").update(body).digest("hex")}"`;
      objects.set(key, { bytes: body, etag, writtenAt: new Date() });
      res.writeHead(200, { ETag: etag }).end();
      return;
    }
    case "GET":
    case "HEAD":
      return sendObject(req, res, objects.get(key));
    case "DELETE":
      objects.delete(key);
      res.writeHead(204).end();
      return;
    default:
      throw new S3Error(501, "NotImplemented");
  }
}

function sendObject(req: IncomingMessage, res: ServerResponse, object: StoredObject | undefined): void {
  if (!object) throw new S3Error(404, "NoSuchKey");
  const { bytes, etag, writtenAt } = object;
  const [, first = "", last = ""] = /^bytes=(\d+)-(\d*)$/.exec(req.headers.range ?? "") ?? [];
  const start = Number(first);
  const end = Math.min(last === "" ? bytes.length : Number(last) + 1, bytes.length);
  if (first !== "" && start >= bytes.length) throw new S3Error(416, "InvalidRange");
  const part = bytes.subarray(start, end);
  res.writeHead(first === "" ? 200 : 206, {
    "Content-Length": part.length,
    "Last-Modified": writtenAt.toUTCString(),
    ETag: etag,
    ...(first !== "" && { "Content-Range": `bytes ${start}-${end - 1}/${bytes.length}` }),
  });
  res.end(req.method === "HEAD" ? undefined : part);
}

/** Lists one page. The continuation token is the last key of the page before. */
function sendList(res: ServerResponse, keys: string[], query: URLSearchParams): void {
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const after = query.get("continuation-token") ?? "";
  const size = Math.min(Number(query.get("max-keys") ?? maxPageSize), maxPageSize);
  const isDirect = (key: string) => delimiter === "" || !key.slice(prefix.length).includes(delimiter);
  const matching = keys.filter((key) => key.startsWith(prefix) && isDirect(key) && key > after);
  const page = matching.slice(0, size);
  const isTruncated = matching.length > page.length;
  const contents = page.map((key) => `<Contents><Key>${escapeXml(key)}</Key></Contents>`).join("");
  const next = isTruncated ? `<NextContinuationToken>${escapeXml(page.at(-1) ?? "")}</NextContinuationToken>` : "";
  sendXml(res, 200, `<ListBucketResult><IsTruncated>${isTruncated}</IsTruncated>${next}${contents}</ListBucketResult>`);
}

function sendError(res: ServerResponse, error: unknown): void {
  if (res.headersSent || res.destroyed) return void res.destroy();
  const { status, code } = error instanceof S3Error ? error : new S3Error(500, "InternalError");
  sendXml(res, status, `<Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}

function sendXml(res: ServerResponse, status: number, xml: string): void {
  res.writeHead(status, { "Content-Type": "application/xml" }).end(`<?xml version="1.0" encoding="UTF-8"?>${xml}`);
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const escapeXml = (text: string) => text.replaceAll(/[&<>]/g, (character) => entities[character] ?? character);
