/** Image types that get thumbnails. They are detected from the content. All other decoders of libvips are blocked. */
export const drawableTypes: ReadonlySet<string> = new Set([
  "image/png",
  "image/jpeg",
  "image/gif",
  "image/webp",
  "image/heic",
]);
/** Larger files get no thumbnail. WhatsApp itself scales images down below this size, except when sent as documents. */
export const maxImageBytes = 24 * 1024 * 1024;
/** Longest side of an image that gets a thumbnail. Panoramas are below it. */
export const maxSidePixels = 20_000;
