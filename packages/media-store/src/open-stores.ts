import { createFilesystemPrivateStore } from "./filesystem-private-store.ts";
import { createFilesystemStore } from "./filesystem-store.ts";
import type { MediaStore } from "./media-store.ts";
import type { PrivateStore } from "./private-store.ts";
import type { S3Settings } from "./s3/bucket.ts";

export interface StoreSettings {
  /** Where files live; with `s3`, where they wait until the bucket has them. */
  directory: string;
  s3?: S3Settings | undefined;
}

/** The stores that the configuration names. The S3 client is loaded only where one is named. */
export async function openMediaStore(settings: StoreSettings, options?: { limitBytes?: number }): Promise<MediaStore> {
  const { directory, s3 } = settings;
  if (!s3) return createFilesystemStore(directory, options);
  const { createS3Store } = await import("./s3/s3-stores.ts");
  return createS3Store(s3, directory, options);
}

/** Same backend as the media. */
export async function openPrivateStore(
  settings: StoreSettings,
  options: { limitBytes: number },
): Promise<PrivateStore> {
  const { directory, s3 } = settings;
  if (!s3) return createFilesystemPrivateStore(directory, options);
  const { createS3PrivateStore } = await import("./s3/s3-stores.ts");
  return createS3PrivateStore(s3, directory, options);
}
