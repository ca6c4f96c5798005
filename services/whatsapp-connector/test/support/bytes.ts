import type { Pieces } from "../../src/engines/contract/engine.ts";

/** Reads a small file into memory. */
export async function bytesOf(pieces: Pieces): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}
