import type { SentFileKind } from "@syszap/contracts";

/** What WhatsApp shows inside the chat; voice notes are Opus in Ogg everywhere. */
const fits: Record<SentFileKind, RegExp> = {
  image: /^image\/(png|jpeg|webp|gif)$/,
  video: /^video\/(mp4|3gpp|quicktime)$/,
  voice: /^audio\/ogg$/,
  audio: /^audio\//,
  document: /^/,
};
const essence = (mimeType: string) => mimeType.split(";", 1)[0]?.trim().toLowerCase() ?? "";

export const mayBeSentAs = (kind: SentFileKind, mimeType: string): boolean => fits[kind].test(essence(mimeType));

/** What a file is sent as when nobody says. */
export function sentAs(mimeType: string): SentFileKind {
  return (["image", "video", "audio"] as const).find((kind) => mayBeSentAs(kind, mimeType)) ?? "document";
}
