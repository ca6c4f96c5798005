import type { sentFileKinds } from "./vocabulary.ts";

type SentFileKind = (typeof sentFileKinds)[number];

/** Largest file that is stored. Far above usual attachments; WhatsApp itself accepts documents up to 2 GB. */
export const maxFileBytes = 100 * 1024 * 1024;

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
export const defaultSentKind = (mimeType: string): SentFileKind =>
  (["image", "video", "audio"] as const).find((kind) => mayBeSentAs(kind, mimeType)) ?? "document";
