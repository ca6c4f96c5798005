import jsQRModule from "jsqr";
import { PNG } from "pngjs";

type ReadQr = (pixels: Uint8ClampedArray, width: number, height: number) => { data: string } | null;
// Its types describe a default export that Node does not see.
const jsQR = jsQRModule as unknown as ReadQr;

/** What a phone's camera would read from the picture. */
export function decodeQr(png: Uint8Array): string | undefined {
  const { data, width, height } = PNG.sync.read(Buffer.from(png));
  return jsQR(new Uint8ClampedArray(data), width, height)?.data;
}
