import sharp from "sharp";

/** Twice what a bubble shows, for fine screens. */
const sidePixels = 512;
/** About what phones take today. A bomb says how large it is before anything is unpacked. */
const mostPixels = 64_000_000;
const mostSeconds = 10;
const quality = 72;

/** Of all that libvips can read, what people send as pictures; the types here were read from the files themselves. */
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

/** A small WebP of the first frame, upright as the camera held it. Rejects for what is no whole picture, or too large a one. */
export async function drawThumbnail(image: Buffer): Promise<Buffer> {
  return await sharp(image, { limitInputPixels: mostPixels, failOn: "error", animated: false, sequentialRead: true })
    .timeout({ seconds: mostSeconds })
    .rotate()
    .resize({ width: sidePixels, height: sidePixels, fit: "inside", withoutEnlargement: true })
    .webp({ quality })
    .toBuffer();
}
