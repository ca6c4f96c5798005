import type { SentFileKind } from "@syszap/contracts";

/** Types that WhatsApp displays inside the chat. Its page makes stickers of pictures. */
const acceptedTypes: Record<SentFileKind, RegExp> = {
  image: /^image\/(png|jpeg|webp|gif)$/,
  video: /^video\/(mp4|3gpp|quicktime)$/,
  voice: /^audio\/ogg$/,
  audio: /^audio\//,
  document: /^/,
  sticker: /^image\/(webp|png|jpeg)$/,
};
const essence = (mimeType: string) => mimeType.split(";", 1)[0]?.trim().toLowerCase() ?? "";

export const mayBeSentAs = (kind: SentFileKind, mimeType: string): boolean =>
  acceptedTypes[kind].test(essence(mimeType));

/** Returns the kind as which a file is sent by default. */
export function defaultKind(mimeType: string): SentFileKind {
  return (["image", "video", "audio"] as const).find((kind) => mayBeSentAs(kind, mimeType)) ?? "document";
}
