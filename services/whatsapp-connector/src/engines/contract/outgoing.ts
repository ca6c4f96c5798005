import type { Direction, Location, SendFailure, SentFileKind } from "@syszap/contracts";

/** Another message of the chat, ours or theirs. */
export interface MessageName {
  waKey: string;
  direction: Direction;
}
export interface OutgoingFile {
  mimeType: string;
  fileName: string | null;
  sizeBytes: number;
  /** Reads it from its beginning; each attempt opens it anew. Rejects with a `SendError` when it is not there. */
  open(): AsyncIterable<Uint8Array>;
}
/** What a line of 512 kbit/s needs, which is the least that a file is given to reach WhatsApp. */
export const uploadMs = (bytes: number): number => bytes / 64;
interface Addressed {
  /** Made by us before the first attempt; every attempt carries the same. Of an edit it is the edit's own. */
  waKey: string;
  waChatId: string;
}
export type OutgoingText = Addressed & { kind: "text"; body: string; quoted?: MessageName };
export type OutgoingMedia = Addressed & {
  kind: "media";
  as: SentFileKind;
  caption: string;
  file: OutgoingFile;
  quoted?: MessageName;
};
export type OutgoingLocation = Addressed & { kind: "location"; place: Location; quoted?: MessageName };
/** An empty emoji takes our reaction back. */
export type OutgoingReaction = Addressed & { kind: "reaction"; target: MessageName; emoji: string };
export type OutgoingEdit = Addressed & { kind: "edit"; target: MessageName; body: string };
/** For everyone. */
export type OutgoingDelete = Addressed & { kind: "delete"; target: MessageName };
/** Everything that can be sent. What changes another message has no place in the chat of its own. */
export type Outgoing =
  | OutgoingText
  | OutgoingMedia
  | OutgoingLocation
  | OutgoingReaction
  | OutgoingEdit
  | OutgoingDelete;

/** `permanent` never becomes possible (no WhatsApp on that number); `transient` may, and is tried again. */
export class SendError extends Error {
  override readonly name = "SendError";
  constructor(
    message: string,
    readonly kind: "permanent" | "transient",
    /** Of what is permanent: for the person who sent it. */
    readonly reason?: SendFailure,
  ) {
    super(message);
  }
}

const texts: Partial<Record<SendFailure, string>> = {
  no_whatsapp: "there is no WhatsApp on this number",
  blocked: "this contact is blocked",
  too_large: "the file is larger than WhatsApp takes",
  file_gone: "the file is not in the media store any more",
  file_refused: "WhatsApp does not take this file",
  message_gone: "WhatsApp does not have the message that this is about",
  edit_too_late: "WhatsApp does not let this message be edited any more",
  delete_too_late: "WhatsApp does not let this message be deleted for everyone any more",
  not_changeable: "WhatsApp does not let this message be changed",
};
/** Something that no further attempt would change. */
export const refusal = (reason: SendFailure): SendError => new SendError(texts[reason] ?? reason, "permanent", reason);
