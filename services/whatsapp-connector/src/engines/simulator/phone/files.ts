import { makeClip } from "./clip.ts";
import { makeDocument } from "./document.ts";
import { drawPhoto } from "./picture.ts";
import { makeSound } from "./sound.ts";

const kinds = {
  image: { mimeType: "image/png", make: drawPhoto },
  video: { mimeType: "video/webm", make: makeClip },
  audio: { mimeType: "audio/wav", make: (seed: string) => makeSound(seed, 30) },
  voice: { mimeType: "audio/wav", make: (seed: string) => makeSound(seed, 6) },
  document: { mimeType: "application/pdf", make: makeDocument },
  sticker: { mimeType: "image/png", make: drawPhoto },
};
export type FileKind = keyof typeof kinds;
export const fileKinds = Object.keys(kinds) as [FileKind, ...FileKind[]];

export const mimeTypeOf = (kind: FileKind): string => kinds[kind].mimeType;

/** Returns the handle that encodes the content of a file. */
export const handleOf = ({ kind, seed }: { kind: FileKind; seed: string }): string => `${kind}:${seed}`;

/** Generates the file of a handle. The same handle always gives the same bytes. */
export function makeFile(handle: string): Uint8Array {
  const kind = fileKinds.find((known) => handle.startsWith(`${known}:`)) ?? "image";
  return kinds[kind].make(handle.slice(handle.indexOf(":") + 1));
}
