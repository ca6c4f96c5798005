/** About the largest photo of an iPhone with its usual settings. Decoding needs up to 400 MB for it. */
const maxPixels = 25_000_000;
const brands: ReadonlySet<string> = new Set(["heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1"]);

interface DecodedImage {
  data: Uint8ClampedArray;
  width: number;
  height: number;
}

/** Whether a file has the signature of HEIC, the format of iPhone photos, which libvips cannot decode. */
export function isHeic(file: Uint8Array): boolean {
  const head = Buffer.from(file.buffer, file.byteOffset, Math.min(file.byteLength, 12)).toString("latin1");
  return head.slice(4, 8) === "ftyp" && brands.has(head.slice(8, 12));
}

/** Decodes the main image, upright. Rejects for an invalid image, and before decoding for one that is too large. */
export async function decodeHeic(file: Uint8Array): Promise<DecodedImage> {
  const { default: libheif } = await import("libheif-js/wasm-bundle.js"); // large, and rarely needed
  await libheif.ready;
  const images = new libheif.HeifDecoder().decode(file);
  const image = images.find((each) => each.is_primary()) ?? images[0];
  if (!image) throw new Error("the file has no image");
  const [width, height] = [image.get_width(), image.get_height()];
  if (width * height > maxPixels) throw new Error(`the image has more than ${maxPixels} pixels`);
  const data = new Uint8ClampedArray(width * height * 4);
  return await new Promise((resolve, reject) => {
    image.display({ data, width, height }, (decoded) => {
      for (const each of images) each.free();
      if (decoded) resolve(decoded);
      else reject(new Error("the image is damaged"));
    });
  });
}
