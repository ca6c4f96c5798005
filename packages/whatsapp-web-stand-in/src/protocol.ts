/** What the page and the server of the stand-in say to each other over their WebSocket. Ids are WhatsApp's serialised forms. */

export type TypingState = "composing" | "recording" | "paused";

export interface WireContact {
  id: string;
  /** As the owner of the phone saved it; null for a stranger. */
  name: string | null;
  /** As the contact calls itself. */
  pushname: string | null;
  /** Set once the account was migrated: the chat then goes by this id, the phone number by `id`. */
  lid: string | null;
}

export interface WireMedia {
  path: string;
  mimetype: string;
  filename: string | null;
  size: number;
  filehash: string;
}

export interface WireReaction {
  id: string;
  text: string;
  sender: string;
  /** Milliseconds. */
  t: number;
}

export interface WireMessage {
  /** `<fromMe>_<chat>_<key>`. */
  id: string;
  fromMe: boolean;
  chat: string;
  type: string;
  body: string;
  caption: string | null;
  media: WireMedia | null;
  notifyName: string | null;
  /** Seconds. */
  t: number;
  ack: number;
  /** The key of the last edit, if there was one. */
  editKey: string | null;
  /** The client's last one; without a text it was taken back. */
  reaction?: WireReaction;
  /** The owner's own last one. */
  ownReaction?: WireReaction;
  /** Further attributes of the page's model, as WhatsApp names them: a place, cards, a poll. */
  attributes?: Readonly<Record<string, unknown>>;
  /** The page's model lacks these attributes, as one of a later WhatsApp may. */
  lacks?: readonly string[];
}

export interface QrMatrix {
  size: number;
  /** Row by row, "1" is dark. */
  cells: string;
}

export type ToPage =
  | {
      kind: "qr";
      ref: string;
      fullCode: string;
      staticKey: string;
      identityKey: string;
      secret: string;
      matrix: QrMatrix;
    }
  | { kind: "qr_idle" }
  /** The code that was made for a phone number is worth nothing any more. */
  | { kind: "link_code_over" }
  | { kind: "paired"; token: string }
  | { kind: "unpaired"; reloadAfterMs?: number }
  | { kind: "phone_away"; isAway: boolean }
  | { kind: "progress"; percent: number }
  | {
      kind: "sync";
      me: { wid: string; lid: string; pushname: string };
      contacts: WireContact[];
      chats: { id: string; unread: number }[];
      messages: WireMessage[];
    }
  | { kind: "message"; message: WireMessage }
  | { kind: "accepted"; id: string; t: number }
  | { kind: "ack"; id: string; ack: number }
  | { kind: "edit"; id: string; body: string; editKey: string }
  | { kind: "revoke"; id: string; revokeKey: string; t: number }
  | { kind: "reaction"; id: string; reaction: WireReaction }
  | { kind: "typing"; chat: string; state: TypingState }
  | { kind: "contact"; contact: WireContact }
  | { kind: "picture"; wid: string; tag: string; url: string | null }
  | { kind: "blocked"; wid: string }
  | { kind: "stream"; mode: string; socket: string }
  | { kind: "reload" }
  | { kind: "reply"; question: number; value: unknown };

export type FromPage =
  | { kind: "hello"; token: string | null }
  | { kind: "new_qr" }
  | {
      kind: "send";
      id: string;
      chat: string;
      type: string;
      body: string;
      t: number;
      caption?: string;
      media?: WireMedia;
      /** Id of the message that it answers. */
      quoted?: string;
      place?: { lat: number; lng: number; loc: string };
    }
  | { kind: "edit"; id: string; target: string; body: string }
  /** Without a text the reaction is taken back. */
  | { kind: "react"; id: string; target: string; text: string }
  | { kind: "revoke"; id: string; target: string }
  | { kind: "got"; id: string }
  | { kind: "read"; chat: string }
  | { kind: "typing"; chat: string; state: TypingState }
  | { kind: "watch_presence"; chat: string }
  | { kind: "exists"; question: number; wid: string }
  | { kind: "picture"; question: number; wid: string }
  /** A code to be typed on this phone; the answer is null for a number without WhatsApp. */
  | { kind: "link_code"; question: number; wid: string }
  | { kind: "log_out" };
