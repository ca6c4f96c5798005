import type {
  ContactCard,
  Direction,
  Location,
  MessageContext,
  Poll,
  SendFailure,
  SentFileKind,
} from "@syszap/contracts";

/** Identifies another message of the chat. */
export interface MessageReference {
  waKey: string;
  direction: Direction;
  /** In a group: who wrote an incoming message. Absent: not known. */
  sender?: { number: string; lid?: string | undefined } | undefined;
}

export interface OutgoingFile {
  mimeType: string;
  fileName: string | null;
  sizeBytes: number;
  /** Reads the file from its beginning. Each attempt opens it again. Rejects with a `SendError` if the file is missing. */
  open(): AsyncIterable<Uint8Array>;
}

/** Time that an upload needs at 512 kbit/s, the slowest connection that is supported. */
export const uploadMs = (bytes: number): number => bytes / 64;

interface Addressed {
  /** Created before the first attempt; every attempt uses the same key. An edit has its own key. */
  waKey: string;
  waChatId: string;
}

interface SendContext {
  quoted?: MessageReference;
  /** How WhatsApp marks the message as forwarded. */
  forwarded?: NonNullable<MessageContext["forwarded"]>;
}

export type OutgoingText = Addressed & SendContext & { kind: "text"; body: string };
export type OutgoingMedia = Addressed &
  SendContext & { kind: "media"; as: SentFileKind; caption: string; file: OutgoingFile };
export type OutgoingLocation = Addressed & SendContext & { kind: "location"; place: Location };
export type OutgoingContacts = Addressed & SendContext & { kind: "contacts"; cards: ContactCard[] };
export type OutgoingPoll = Addressed & SendContext & { kind: "poll"; poll: Poll };
/** An empty emoji removes the reaction. */
export type OutgoingReaction = Addressed & { kind: "reaction"; target: MessageReference; emoji: string };
export type OutgoingEdit = Addressed & { kind: "edit"; target: MessageReference; body: string };
/** Deletes the message for everyone. */
export type OutgoingDelete = Addressed & { kind: "delete"; target: MessageReference };
/** An outbound operation. Those with a `target` change another message and do not appear in the chat themselves. */
export type Outgoing =
  | OutgoingText
  | OutgoingMedia
  | OutgoingLocation
  | OutgoingContacts
  | OutgoingPoll
  | OutgoingReaction
  | OutgoingEdit
  | OutgoingDelete;

/** Why an operation failed. `transient` errors are retried; `permanent` ones (no WhatsApp on the number) are not. */
export class SendError extends Error {
  override readonly name = "SendError";
  constructor(
    message: string,
    readonly kind: "permanent" | "transient",
    /** Failure code, shown to the user who sent the message when it is given up. */
    readonly reason?: SendFailure,
    /** `chat`: WhatsApp refuses this chat; the connection works. */
    readonly scope: "session" | "chat" = "session",
  ) {
    super(message);
  }
}

/** WhatsApp refused the chat, perhaps for a moment. */
export const chatRefusal = (message: string): SendError => new SendError(message, "transient", "chat_refused", "chat");

const texts: Partial<Record<SendFailure, string>> = {
  no_whatsapp: "the number has no WhatsApp account",
  blocked: "the contact is blocked",
  too_large: "the file exceeds WhatsApp's size limit",
  file_gone: "the file is no longer in the media store",
  file_refused: "WhatsApp does not accept this file",
  message_gone: "WhatsApp does not have the target message",
  edit_too_late: "the message is too old to be edited",
  delete_too_late: "the message is too old to be deleted for everyone",
  not_a_member: "the session's number is not in the group",
  admins_only: "only admins may write in the group",
  not_changeable: "WhatsApp does not allow this message to be changed",
};

/** Creates a permanent error. */
export const refusal = (reason: SendFailure): SendError => new SendError(texts[reason] ?? reason, "permanent", reason);
