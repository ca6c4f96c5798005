/** Frames between the page and the server of the stand-in. Ids are WhatsApp's serialised ids. */

export type TypingState = "composing" | "recording" | "paused";

export interface WireContact {
  id: string;
  /** Name in the address book of the phone; null if the contact is not saved. */
  name: string | null;
  /** Name that the contact chose. */
  pushname: string | null;
  /** Anonymous id of the chat after WhatsApp's migration; `id` keeps the phone number. */
  lid: string | null;
  /** User name, without @ (wa-js, ContactModel `username`). */
  username?: string;
}

export interface WireMedia {
  path: string;
  mimetype: string;
  filename: string | null;
  size: number;
  filehash: string;
}

export interface WireReaction {
  /** Begins with `true_` for a reaction of the owner. */
  id: string;
  text: string;
  sender: string;
  /** Milliseconds. */
  t: number;
}

export interface WireVote {
  /** Local ids of the poll's options. */
  chosen: number[];
  sender: string;
  /** Milliseconds. */
  t: number;
}

/** A group (wa-js, GroupMetadataModel). */
export interface WireGroup {
  id: string;
  subject: string;
  /** Seconds. */
  creation: number;
  /** Whether participants are named by their anonymous ids. */
  isLidAddressingMode: boolean;
  /** Whether only admins may write. */
  announce: boolean;
  /** The linked account is among them while it is a member. */
  participants: { id: string; isAdmin: boolean; isSuperAdmin: boolean }[];
}

export interface WireMessage {
  /**
   * `<fromMe>_<chat>_<key>`, in groups `<fromMe>_<chat>_<key>_<participant>` (WAWebMsgKey: `[fromMe, remote, id,
   * participant]`).
   */
  id: string;
  fromMe: boolean;
  chat: string;
  /** The participant who wrote a message of a group, or caused a notification (MsgModel `author`). */
  author?: string;
  type: string;
  body: string;
  caption: string | null;
  media: WireMedia | null;
  notifyName: string | null;
  /** Seconds. */
  t: number;
  ack: number;
  /** Key of the last edit. */
  editKey: string | null;
  /** Last reaction of each person. An empty text means that it was removed. */
  reactions?: readonly WireReaction[];
  /** Last vote of each person in a poll. */
  votes?: readonly WireVote[];
  /** Additional attributes of the page's model with WhatsApp's names: location, contact cards, poll. */
  attributes?: Readonly<Record<string, unknown>>;
  /** Attributes to omit from the page's model, as a later version of WhatsApp may do. */
  lacks?: readonly string[];
}

/**
 * WhatsApp's request for a passkey after a code was scanned. `use`: the account has a passkey; `create`: it needs one first. `at`: whether
 * the page calls the browser at once or only after a click on "Continue".
 */
export interface PasskeyDemand {
  demand: "use" | "create";
  at: "once" | "click";
}
export type PasskeyEnd = "dismissed" | "timed_out";

export interface QrMatrix {
  size: number;
  /** Cells row by row; "1" is dark. */
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
  /** The pairing code for a phone number has expired. */
  | { kind: "link_code_expired" }
  | { kind: "paired"; token: string }
  /** The account needs a passkey before the page is linked. */
  | ({ kind: "passkey" } & PasskeyDemand)
  /** The demand has ended without a passkey. A new QR code follows. */
  | { kind: "passkey_ended"; why: PasskeyEnd }
  | { kind: "unpaired"; reloadAfterMs?: number }
  | { kind: "phone_offline"; isOffline: boolean }
  | { kind: "progress"; percent: number }
  | {
      kind: "sync";
      me: { wid: string; lid: string; pushname: string };
      contacts: WireContact[];
      groups: WireGroup[];
      chats: { id: string; unread: number }[];
      messages: WireMessage[];
    }
  | { kind: "message"; message: WireMessage }
  | { kind: "accepted"; id: string; t: number }
  | { kind: "ack"; id: string; ack: number }
  | { kind: "edit"; id: string; body: string; editKey: string }
  /** `author` is the admin who removed another participant's message. */
  | { kind: "revoke"; id: string; revokeKey: string; author?: string; t: number }
  | { kind: "reaction"; id: string; reaction: WireReaction }
  | { kind: "vote"; id: string; vote: WireVote }
  | { kind: "group"; group: WireGroup }
  /** Attributes of a live location that changed: `lat`, `lng`, `isLive`, `finalLat`, `finalLng` (wa-js, MsgModel). */
  | { kind: "location"; id: string; attributes: Readonly<Record<string, unknown>> }
  | { kind: "typing"; chat: string; state: TypingState }
  /** Another device of the account has read the chat: the chat model's `unreadCount` (wa-js, ChatModel) becomes 0. */
  | { kind: "chat_read"; chat: string }
  | { kind: "contact"; contact: WireContact }
  | { kind: "picture"; wid: string; tag: string; url: string | null }
  | { kind: "blocked"; wid: string }
  | { kind: "stream"; mode: string; socket: string }
  | { kind: "reload" }
  | { kind: "reply"; requestId: number; value: unknown };

export type FromPage =
  | { kind: "hello"; token: string | null }
  | { kind: "new_qr" }
  /** The page has checked whether the browser supports passkeys, as sites do where a person signs in. */
  | { kind: "passkey_support" }
  /** The page requests a passkey from the browser. A headless browser never answers. */
  | { kind: "passkey_requested" }
  | {
      kind: "send";
      id: string;
      chat: string;
      type: string;
      body: string;
      t: number;
      caption?: string;
      media?: WireMedia;
      /** Id of the quoted message. */
      quoted?: string;
      /** Further attributes of the page's model: location, contact cards, poll, forwarding. */
      attributes?: Readonly<Record<string, unknown>>;
    }
  | { kind: "edit"; id: string; target: string; body: string }
  /** An empty text removes the reaction. */
  | { kind: "react"; id: string; target: string; text: string }
  | { kind: "revoke"; id: string; target: string }
  | { kind: "received"; id: string }
  | { kind: "read"; chat: string }
  | { kind: "typing"; chat: string; state: TypingState }
  | { kind: "watch_presence"; chat: string }
  | { kind: "exists"; requestId: number; wid: string }
  | { kind: "picture"; requestId: number; wid: string }
  /** Requests a pairing code for this number; the reply is null if the number does not use WhatsApp. */
  | { kind: "link_code"; requestId: number; wid: string }
  | { kind: "log_out" };
