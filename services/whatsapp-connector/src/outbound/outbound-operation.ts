import { messageType, type SentFileKind } from "@syszap/contracts";
import type { OutgoingMessage } from "@syszap/database";
import { MediaNotFoundError, type MediaStore } from "@syszap/media-store";
import { type Outgoing, refusal } from "../engines/contract/engine.ts";

const fileKinds: Record<number, SentFileKind> = {
  [messageType.image]: "image",
  [messageType.video]: "video",
  [messageType.audio]: "audio",
  [messageType.voice]: "voice",
  [messageType.sticker]: "sticker",
};

/**
 * Translates a claimed row into the operation that engines execute. The engine opens a file in the media store when it needs
 * it. Throws a permanent error when the message to change no longer exists.
 */
export function toOutboundOperation(
  { waKey, waChatId, payload }: OutgoingMessage,
  mediaStore: Pick<MediaStore, "open">,
): Outgoing {
  const address = { waKey, waChatId };
  if (payload.kind === "target_gone") throw refusal("message_gone");
  if (payload.kind !== "media") return { ...address, ...payload };
  const { type, file, ...media } = payload;
  const { mimeType, fileName, size, storageKey } = file;
  return {
    ...address,
    ...media,
    as: fileKinds[type] ?? "document",
    file: { mimeType, fileName, sizeBytes: size, open: () => open(mediaStore, storageKey) },
  };
}

async function* open(mediaStore: Pick<MediaStore, "open">, storageKey: string): AsyncGenerator<Uint8Array, void, void> {
  const { stream } = await mediaStore.open(storageKey).catch((err: unknown) => {
    throw err instanceof MediaNotFoundError ? refusal("file_gone") : err;
  });
  yield* stream; // closes the stream when the consumer stops early
}

/** True for messages that a person would type. Only these are preceded by a typing indicator. */
export const isTyped = ({ payload }: OutgoingMessage): boolean => payload.kind === "text" || payload.kind === "media";
