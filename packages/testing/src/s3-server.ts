import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import S3rver from "s3rver";

export interface S3Server {
  /** Of its one bucket, empty at the start. */
  settings: {
    bucket: string;
    region: string;
    endpoint: string;
    isPathStyle: true;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };
  /** All objects in the bucket, also such as belong to nobody. */
  keys(): Promise<string[]>;
  stop(): Promise<void>;
}

const bucket = "syszap";
const objectEnding = "._S3rver_object";

/** A server that speaks S3's protocol over HTTP and checks signatures, on a free loopback port. */
export async function startS3(): Promise<S3Server> {
  const directory = await mkdtemp(join(tmpdir(), "s3-"));
  const server = new S3rver({
    address: "127.0.0.1",
    port: 0,
    silent: true,
    directory,
    configureBuckets: [{ name: bucket, configs: [] }],
  });
  const { port } = await server.run();
  return {
    settings: {
      bucket,
      region: "us-east-1",
      endpoint: `http://127.0.0.1:${port}`,
      isPathStyle: true,
      credentials: { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" }, // the only ones that it knows
    },
    keys: async () => {
      const names = await readdir(join(directory, bucket), { recursive: true });
      return names
        .filter((name) => name.endsWith(objectEnding))
        .map((name) => name.slice(0, -objectEnding.length))
        .sort();
    },
    stop: async () => {
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
