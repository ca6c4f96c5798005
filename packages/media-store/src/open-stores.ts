import { createFilesystemPrivateStore } from "./filesystem-private-store.ts";
import { createFilesystemStore } from "./filesystem-store.ts";
import type { MediaStore } from "./media-store.ts";
import type { PrivateStore } from "./private-store.ts";
import type { S3Settings } from "./s3/bucket.ts";

export interface StoreSettings {
  /** Directory of the files. With `s3`, files are written here before they are uploaded to the bucket. */
  directory: string;
  s3?: S3Settings | undefined;
}

/** Opens the configured media store. The S3 client is loaded only when a bucket is configured. */
export async function openMediaStore(settings: StoreSettings, options?: { limitBytes?: number }): Promise<MediaStore> {
  const { directory, s3 } = settings;
  if (!s3) return createFilesystemStore(directory, options);
  const { createS3Store } = await import("./s3/s3-stores.ts");
  return createS3Store(s3, directory, options);
}

/** Opens the private store, on the same backend as the media store. */
export async function openPrivateStore(
  settings: StoreSettings,
  options: { limitBytes: number },
): Promise<PrivateStore> {
  const { directory, s3 } = settings;
  if (!s3) return createFilesystemPrivateStore(directory, options);
  const { createS3PrivateStore } = await import("./s3/s3-stores.ts");
  return createS3PrivateStore(s3, directory, options);
}
