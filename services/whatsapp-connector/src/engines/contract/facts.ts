import type {
  ChatSide,
  Direction,
  GroupRole,
  MessageContent,
  MessageContext,
  MessageKind,
  MessageStatus,
  QuotedOriginal,
} from "@syszap/contracts";

/** A file that WhatsApp stores. The engine can download it. */
export interface EngineMedia {
  /** Opaque reference; only the engine's `downloadMedia` interprets it. */
  handle: string;
  mimeType: string;
  fileName: string | null;
  /** The size that WhatsApp declares before the download; absent if it declares none. */
  sizeBytes?: number;
}

/** A contact's phone number, LID (WhatsApp's anonymous id), or both. `number` repeats the LID while the number is unknown. */
export interface ContactAddress {
  number: string;
  lid?: string;
  /** WhatsApp's user name, without @. Absent: not reported. */
  username?: string;
}

/** `name` is null while it is unknown. */
export type NamedAddress = ContactAddress & { name: string | null };

/**
 * An inbound WhatsApp observation in vendor-neutral form. Delivered at least once: the pipeline removes duplicates. Facts
 * with a `waChatId` may belong to a group, a status or a newsletter; the pipeline excludes those, not the engine.
 */
export type EngineFact =
  | {
      kind: "message";
      waKey: string;
      waChatId: string;
      direction: Direction;
      type: MessageKind;
      /** WhatsApp's own type name, for messages of type `unknown`. */
      vendorKind?: string;
      body: string;
      /** The client in the chat, also for outgoing messages. Absent in a group, and only there. */
      client?: NamedAddress;
      /** In a group: the participant who wrote a received message. */
      sender?: NamedAddress;
      /** A received message of a group mentions the session's number, or everyone. */
      mentionsUs?: boolean;
      media?: EngineMedia;
      /** The structured content of kinds that have one. `body` has it as text. */
      content?: MessageContent;
      context?: MessageContext;
      /** The message that this one replies to. */
      quoted?: QuotedOriginal;
      status?: MessageStatus;
      timestampMs: number;
      isHistory: boolean;
    }
  | {
      kind: "ack";
      waKey: string;
      waChatId?: string;
      direction: Direction;
      status: Exclude<MessageStatus, "queued">;
      reason?: string;
      timestampMs: number;
    }
  | {
      kind: "edit";
      waKey: string;
      waChatId?: string;
      direction: Direction;
      editKey: string;
      body: string;
      timestampMs: number;
    }
  | { kind: "revoke"; waKey: string; waChatId?: string; direction: Direction; timestampMs: number }
  | {
      kind: "reaction";
      waKey: string;
      waChatId?: string;
      direction: Direction;
      from: ChatSide;
      /** In a group: the participant, if `from` is the client's side. */
      sender?: NamedAddress;
      emoji: string;
      timestampMs: number;
    }
  | {
      kind: "vote";
      /** Key of the poll. */
      waKey: string;
      waChatId?: string;
      direction: Direction;
      from: ChatSide;
      /** In a group: the participant, if `from` is the client's side. */
      sender?: NamedAddress;
      /** The chosen options, which replace the earlier ones. */
      options: string[];
      timestampMs: number;
    }
  | {
      kind: "location";
      /** Key of the live location. */
      waKey: string;
      waChatId?: string;
      direction: Direction;
      latitude: number;
      longitude: number;
      /** The sender shares the location no longer; this is its last position. */
      hasEnded: boolean;
      timestampMs: number;
    }
  /** The current state of a group. Absent: unchanged. `pictureChanged` makes the session fetch the picture again. */
  | {
      kind: "group";
      waChatId: string;
      subject?: string;
      pictureChanged?: boolean;
      /** All participants. */
      participants?: (NamedAddress & { role: GroupRole })[];
      /** False: the session's number left the group or was removed. */
      isMember?: boolean;
      timestampMs: number;
    }
  /** The owner read the chat on the phone or on another device. */
  | { kind: "read"; waChatId: string; timestampMs: number }
  /** `pictureChanged` makes the session fetch the profile picture again. */
  | ({ kind: "contact"; name?: string; pictureChanged?: boolean; timestampMs: number } & ContactAddress);

/** A WhatsApp event whose shape or type the engine does not know. */
export interface UnknownPayload {
  /** The kind of the event, such as `message` or `ack`. */
  kind: string;
  /** Names of the unknown fields or types. Never contains their values. */
  shape: string;
  /** Key of the placeholder message; absent if the id could not be read. */
  waKey?: string;
  /** The original JSON, truncated to a bounded size. */
  raw: string;
}
