import { messageType, type SentFileKind } from "@syszap/contracts";
import type { OutgoingMessage } from "@syszap/database";
import { MediaNotFoundError, type MediaStore } from "@syszap/media-store";
import { type Outgoing, refusal } from "../engines/contract/engine.ts";

const kinds: Record<number, SentFileKind> = {
  [messageType.image]: "image",
  [messageType.video]: "video",
  [messageType.audio]: "audio",
  [messageType.voice]: "voice",
};

/** A claimed row as engines take it; a file is opened in the media store when the engine asks for it. Throws for what is pointless. */
export function orderOf({ waKey, waChatId, payload }: OutgoingMessage, media: Pick<MediaStore, "open">): Outgoing {
  const address = { waKey, waChatId };
  if (payload.kind === "pointless") throw refusal("message_gone");
  if (payload.kind !== "media") return { ...address, ...payload };
  const { type, caption, file, quoted } = payload;
  const { mimeType, fileName, size, storageKey } = file;
  return {
    ...{ ...address, kind: "media", as: kinds[type] ?? "document", caption },
    file: { mimeType, fileName, sizeBytes: size, open: () => open(media, storageKey) },
    ...(quoted && { quoted }),
  };
}

async function* open(media: Pick<MediaStore, "open">, storageKey: string): AsyncGenerator<Uint8Array, void, void> {
  const { stream } = await media.open(storageKey).catch((err: unknown) => {
    throw err instanceof MediaNotFoundError ? refusal("file_gone") : err;
  });
  yield* stream; // ends it when nobody wants the rest
}

/** What a person types: only before it somebody is shown as typing. */
export const isTyped = ({ payload }: OutgoingMessage): boolean => payload.kind === "text" || payload.kind === "media";
