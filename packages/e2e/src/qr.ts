import jsQRModule from "jsqr";
import { PNG } from "pngjs";

type ReadQr = (pixels: Uint8ClampedArray, width: number, height: number) => { data: string } | null;
// The types of jsqr describe a default export that differs from what Node imports.
const jsQR = jsQRModule as unknown as ReadQr;

/** Decodes the QR code in a PNG, as a phone's camera does. */
export function decodeQr(png: Uint8Array): string | undefined {
  const { data, width, height } = PNG.sync.read(Buffer.from(png));
  return jsQR(new Uint8ClampedArray(data), width, height)?.data;
}
