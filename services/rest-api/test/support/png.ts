import { crc32, deflateSync } from "node:zlib";

export const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

export interface PngHeader {
  width: number;
  height: number;
  /** Default: 1. */
  bitDepth?: number;
  /** 0: grey (default), 2: RGB, 6: RGBA. */
  colorType?: number;
  isInterlaced?: boolean;
}

function chunk(type: string, data: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.byteLength);
  sum.writeUInt32BE(crc32(content));
  return Buffer.concat([length, content, sum]);
}

function png(header: PngHeader, rows: Buffer): Buffer {
  const { width, height, bitDepth = 1, colorType = 0, isInterlaced = false } = header;
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data[8] = bitDepth;
  data[9] = colorType;
  data[12] = Number(isInterlaced);
  const content = chunk("IDAT", deflateSync(rows));
  return Buffer.concat([pngSignature, chunk("IHDR", data), content, chunk("IEND", Buffer.alloc(0))]);
}

/** A PNG that claims a size and contains almost nothing. */
export const pngHeader = (header: PngHeader): Buffer => png(header, Buffer.alloc(1_000));

/** A complete black PNG, which is small as a file and large when decoded. */
export const blackPng = (header: PngHeader): Buffer => {
  const { width, height, bitDepth = 1, colorType = 0 } = header;
  const bits = width * bitDepth * ({ 0: 1, 2: 3, 6: 4 }[colorType] ?? 1);
  return png(header, Buffer.alloc(height * (1 + Math.ceil(bits / 8))));
};
