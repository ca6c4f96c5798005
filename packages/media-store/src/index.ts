export { createFilesystemStore } from "./filesystem-store.ts";
export { type MediaMeta, MediaNotFoundError, type MediaStore, MediaTooLargeError } from "./media-store.ts";
