export { createFilesystemPrivateStore } from "./filesystem-private-store.ts";
export { createFilesystemStore } from "./filesystem-store.ts";
export { startIncomingSweep, sweepIncoming } from "./incoming-sweep.ts";
export {
  type ByteRange,
  defaultLimitBytes,
  type FileBytes,
  type MediaMeta,
  MediaNotFoundError,
  MediaRangeError,
  type MediaStore,
  MediaTooLargeError,
  type OpenedFile,
} from "./media-store.ts";
export { openMediaStore, openPrivateStore, type StoreSettings } from "./open-stores.ts";
export type { PrivateStore } from "./private-store.ts";
export type { S3Settings } from "./s3/bucket.ts";
