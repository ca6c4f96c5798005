import sharp, { type Metadata, type Sharp } from "sharp";
import { decodeHeic, isHeic } from "./decode-heic.ts";
import { maxSidePixels } from "./limits.ts";

/** Twice the displayed size, for high-resolution screens. */
const thumbnailSidePixels = 512;
/** Browsers cannot show the original of a HEIC photo, so its thumbnail must be legible in full size. */
const heicSidePixels = 1_600;
const quality = 72;
/** About the resolution of today's phone cameras. */
const maxPixels = 64_000_000;
/** Limits the memory of images that are decoded as a whole, such as interlaced ones. */
const maxDecodedBytes = 256 * 1024 * 1024;

sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({
  operation: [
    "VipsForeignLoadJpegBuffer",
    "VipsForeignLoadPngBuffer",
    "VipsForeignLoadWebpBuffer",
    "VipsForeignLoadNsgifBuffer",
  ],
});
sharp.cache(false);
sharp.concurrency(1);

/**
 * Returns a small WebP of the first frame, rotated upright. Rejects for an incomplete or invalid image, and before decoding for
 * one that is too large. Runs in a process of its own, because libvips cannot be interrupted.
 */
export async function drawThumbnail(image: Uint8Array): Promise<Buffer> {
  if (isHeic(image)) {
    const { data, width, height } = await decodeHeic(image);
    return await scaled(sharp(data, { raw: { width, height, channels: 4 } }), heicSidePixels);
  }
  const source = sharp(image, { limitInputPixels: maxPixels, failOn: "error", animated: false, sequentialRead: true });
  assertDrawable(await source.metadata());
  return await scaled(source.rotate(), thumbnailSidePixels);
}

const scaled = (source: Sharp, side: number): Promise<Buffer> =>
  source.resize({ width: side, height: side, fit: "inside", withoutEnlargement: true }).webp({ quality }).toBuffer();

/** Checks the header. The number of pixels alone is no measure: a picture of 1 × 64,000,000 pixels takes over a minute. */
function assertDrawable(header: Metadata): void {
  const { width, height } = header;
  if (Math.max(width, height) > maxSidePixels) throw new Error(`a side is longer than ${maxSidePixels} pixels`);
  if (decodedBytes(header) > maxDecodedBytes) throw new Error(`the decoded image exceeds ${maxDecodedBytes} bytes`);
}

function decodedBytes({ width, height, channels, depth, format, isProgressive }: Metadata): number {
  // The decoder of a progressive JPEG keeps coefficients of two bytes.
  const isTwoBytes = depth !== "uchar" || (format === "jpeg" && isProgressive);
  return width * height * channels * (isTwoBytes ? 2 : 1);
}
