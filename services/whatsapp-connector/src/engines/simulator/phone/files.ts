import { makeClip } from "./clip.ts";
import { makeDocument } from "./document.ts";
import { drawPhoto } from "./picture.ts";
import { makeSound } from "./sound.ts";

export type FileKind = "image" | "video" | "audio" | "voice" | "document" | "sticker";
export const fileKinds = ["image", "video", "audio", "voice", "document", "sticker"] as const satisfies FileKind[];

export const mimeTypeOf: Readonly<Record<FileKind, string>> = {
  image: "image/png",
  video: "video/webm",
  audio: "audio/wav",
  voice: "audio/wav",
  document: "application/pdf",
  sticker: "image/png",
};

const makers: Readonly<Record<FileKind, (seed: string) => Uint8Array>> = {
  image: drawPhoto,
  video: makeClip,
  audio: (seed) => makeSound(seed, 30),
  voice: (seed) => makeSound(seed, 6),
  document: makeDocument,
  sticker: drawPhoto,
};

/** Returns the handle that encodes the content of a file. */
export const handleOf = ({ kind, seed }: { kind: FileKind; seed: string }): string => `${kind}:${seed}`;

/** Generates the file of a handle. The same handle always gives the same bytes. */
export function makeFile(handle: string): Uint8Array {
  const kind = fileKinds.find((known) => handle.startsWith(`${known}:`)) ?? "image";
  return makers[kind](handle.slice(handle.indexOf(":") + 1));
}
