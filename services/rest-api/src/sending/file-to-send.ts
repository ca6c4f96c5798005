import {
  defaultSentKind,
  fileKindsWithoutCaption,
  mayBeSentAs,
  type SentFileKind,
  type StoredFile,
} from "@syszap/contracts";
import type { MediaStore } from "@syszap/media-store";
import { ProblemError } from "../problem.ts";

/** Position of the codec's name in the first page of an Ogg file with one stream (RFC 7845, section 5.1). */
const codecAt = 28;
const opus = "OpusHead";

/** Returns the kind as which a file is sent. Rejects with 422 when WhatsApp would not show the file, or its text, to the recipient. */
export async function fileToSend(
  file: Pick<StoredFile, "mimeType" | "storageKey">,
  request: { as: SentFileKind | undefined; hasCaption: boolean },
  store: Pick<MediaStore, "open">,
): Promise<SentFileKind> {
  const kind = request.as ?? defaultSentKind(file.mimeType);
  if (!mayBeSentAs(kind, file.mimeType))
    throw refusal("media.as", `a file of type ${file.mimeType} cannot be sent as ${kind}`);
  if (kind === "voice" && !(await isOpus(file.storageKey, store)))
    throw refusal("media.as", "a voice note must be Opus in an Ogg file: convert the file, or send it as audio");
  if (request.hasCaption && fileKindsWithoutCaption.includes(kind))
    throw refusal("body", `WhatsApp shows no text with a file sent as ${kind}: send the text as a message of its own`);
  return kind;
}

const refusal = (path: string, message: string) =>
  new ProblemError("invalid", "The file cannot be sent like this. `errors` names what to change.", {
    errors: [{ path, message }],
  });

/** WhatsApp plays voice notes with another codec, such as Vorbis, on no phone. */
async function isOpus(storageKey: string, store: Pick<MediaStore, "open">): Promise<boolean> {
  const { stream, size } = await store.open(storageKey);
  if (size < codecAt + opus.length) {
    stream.destroy();
    return false;
  }
  let head = Buffer.alloc(0);
  for await (const piece of stream) {
    head = Buffer.concat([head, piece as Uint8Array]);
    if (head.length >= codecAt + opus.length) break; // destroys the stream
  }
  return head.toString("latin1", codecAt, codecAt + opus.length) === opus;
}
