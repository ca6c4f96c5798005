import { crc32, deflateSync } from "node:zlib";
import { Random } from "../script/random.ts";

/** The image of a customer's message. */
export const drawPhoto = (seed: string): Uint8Array => drawPicture(seed, { cells: 12, cellPixels: 32 });
/** A contact's profile picture after the given number of changes. */
export const drawProfilePicture = (number: string, changes: number): Uint8Array =>
  drawPicture(`${number}|${changes}`, { cells: 5, cellPixels: 24 });

/** Draws a PNG of mirrored coloured squares. The same seed always gives the same picture. */
function drawPicture(seed: string, options: { cells: number; cellPixels: number }): Uint8Array {
  const random = Random.from(seed);
  const { cells, cellPixels } = options;
  const half = Math.ceil(cells / 2);
  const filled = Array.from({ length: cells }, () => Array.from({ length: half }, () => random.chance(0.5)));
  const side = cells * cellPixels;
  const pixels = Buffer.alloc(side * (side + 1)); // each row begins with its filter type 0
  for (let y = 0; y < side; y += 1) {
    const row = filled[Math.floor(y / cellPixels)] ?? [];
    for (let x = 0; x < side; x += 1) {
      const cell = Math.floor(x / cellPixels);
      pixels[y * (side + 1) + 1 + x] = row[Math.min(cell, cells - 1 - cell)] ? 1 : 0;
    }
  }
  const palette = Buffer.from([236, 240, 241, ...colour(random)]);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header(side)),
    chunk("PLTE", palette),
    chunk("IDAT", deflateSync(pixels)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

const colour = (random: Random) => [0, 1, 2].map(() => 40 + random.below(150));

function header(side: number): Buffer {
  const bytes = Buffer.alloc(13);
  bytes.writeUInt32BE(side, 0);
  bytes.writeUInt32BE(side, 4);
  bytes[8] = 8; // bits per pixel
  bytes[9] = 3; // each pixel is an index into the palette
  return bytes;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
