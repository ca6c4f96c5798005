import sharp from "sharp";

/** Twice the displayed size, for high-resolution screens. */
const maxSidePixels = 512;
/** About the resolution of today's phone cameras. Checked before decoding, which stops decompression bombs. */
const maxPixels = 64_000_000;
const timeoutSeconds = 10;
const quality = 72;

/** Image types that get thumbnails. All other decoders of libvips are blocked. The types are detected from the content. */
export const drawableTypes: ReadonlySet<string> = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
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
 * Returns a small WebP of the first frame, rotated upright. Rejects for an incomplete or invalid image and for one with too
 * many pixels.
 */
export async function drawThumbnail(image: Buffer): Promise<Buffer> {
  return await sharp(image, { limitInputPixels: maxPixels, failOn: "error", animated: false, sequentialRead: true })
    .timeout({ seconds: timeoutSeconds })
    .rotate()
    .resize({ width: maxSidePixels, height: maxSidePixels, fit: "inside", withoutEnlargement: true })
    .webp({ quality })
    .toBuffer();
}
