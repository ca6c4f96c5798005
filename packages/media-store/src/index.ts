export { createFilesystemPrivateStore } from "./filesystem-private-store.ts";
export { createFilesystemStore } from "./filesystem-store.ts";
export { type MediaMeta, MediaNotFoundError, type MediaStore, MediaTooLargeError } from "./media-store.ts";
export type { PrivateStore } from "./private-store.ts";
