import type { ContactCard, MessageChange, MessageContent, MessageContext, Poll, TypingState } from "@syszap/contracts";
import type { CreateEngine } from "../src/engines/contract/engine.ts";
import type { GroupChange, NewGroup } from "../src/engines/simulator/phone/groups.ts";

export interface Sent {
  waKey: string;
  number: string;
  /** Text or caption. */
  body: string;
  /** Key of the quoted message. */
  quoted?: string;
  file?: { as: string; mimeType: string; fileName: string | null; sha256: string };
  place?: { latitude: number; longitude: number };
  cards?: ContactCard[];
  poll?: Poll;
  forwarded?: MessageContext["forwarded"];
}

/** A change of an existing message. */
export interface Changed {
  change: MessageChange;
  target: string;
  body: string;
}

/** How a message of a group mentions the linked phone, which has this number. */
export interface Mention {
  as: "number" | "lid" | "all";
  number: string;
}

export type FileKind = "image" | "video" | "audio" | "voice" | "document" | "sticker";

/** The other side of an engine: WhatsApp, the linked phone and its contacts. */
export interface WhatsAppSide {
  /** A phone number without a WhatsApp account. */
  readonly numberWithoutWhatsApp: string;
  /** The messages that WhatsApp received from the engine, in order. A repeated id appears once. */
  readonly sent: readonly Sent[];
  readonly changed: readonly Changed[];
  /** Resolves with the next typing state that the engine sets. */
  nextTyping(): Promise<{ number: string; state: TypingState }>;
  nextRead(): Promise<{ number: string }>;

  /** Number of the phone, with country code. */
  readonly phoneNumber: string;
  rotateCode(): void;
  rotatePairingCode(): void;
  /** Types the code on the phone with this number. Throws unless it is the last code that was issued for the number. */
  typeCode(code: string, phoneNumber: string): void;
  /** Throws if the code is no longer shown. */
  scan(code: string): void;
  /** From now on, WhatsApp demands this of a page before it links it; null: nothing. */
  demandPasskey(demand: "use" | "create" | null): void;
  /** The demand ends without a passkey: a person dismissed it, or it timed out. */
  endPasskey(why: "dismissed" | "timed_out"): void;
  /** WhatsApp links the page that waits for a passkey. */
  satisfyPasskey(): void;
  unlink(): void;
  networkDown(): void;
  networkUp(): void;
  /** Until `release`, WhatsApp neither accepts nor refuses messages. */
  hold(): void;
  release(): void;

  /** All `receive…` methods return WhatsApp's key of the message. */
  receive(message: { from: string; name?: string; username?: string; body: string }): string;
  receiveImage(message: { from: string; body: string }): { waKey: string; bytes: Uint8Array };
  receiveFile(message: { from: string; kind: FileKind; body: string }): { waKey: string; bytes: Uint8Array };
  receiveContent(message: { from: string; content: MessageContent; body: string }): string;
  /** A text with what surrounds it. `quoted`: key of the message that it replies to. */
  receiveWithContext(message: { from: string; body: string; context?: MessageContext; quoted?: string }): string;
  receiveViewOnce(message: { from: string }): string;
  /** Returns the id of the group. The phone is a member. */
  createGroup(group: NewGroup): string;
  receiveInGroup(message: {
    group: string;
    from: string;
    name?: string;
    body: string;
    mention?: Mention;
    /** Key of the message that this one replies to, and the number of its writer. */
    quoted?: { waKey: string; from: string };
    content?: MessageContent;
  }): string;
  /** Returns the key of the note. */
  changeGroup(group: string, change: GroupChange): string;
  /** Returns the new picture. */
  changeGroupPicture(group: string, by: string): Uint8Array;
  /** WhatsApp writes a note into the chat with this contact. `to`: the new number. */
  receiveNote(
    number: string,
    note:
      | { event: "encryption" }
      | { event: "number_changed"; to: string }
      | { event: "disappearing_changed"; seconds: number },
  ): string;
  /** The client, or this participant of a group, votes in a poll. No options withdraw the vote. */
  vote(poll: string, options: string[], by?: string): void;
  /** The client moves while it shares its location, or stops sharing it. */
  move(waKey: string, position: { latitude: number; longitude: number; hasEnded?: boolean }): void;
  receiveUnknown(message: { from: string; vendorKind: string }): string;
  /** The owner of the phone writes a message on the phone, to a number or into a group. */
  write(message: { to: string; body: string; timestampMs?: number; content?: MessageContent; quoted?: string }): string;
  /** The owner of the phone blocks the number. */
  block(number: string): void;
  edit(waKey: string, body: string): void;
  revoke(waKey: string): void;
  /** `by`: number of the participant of a group. */
  react(waKey: string, emoji: string, by?: string): void;
  type(number: string, state: TypingState): void;
  /** The owner of the phone reads the chat on the phone. */
  readChat(number: string): void;
  rename(number: string, name: string): void;
  /** Returns the new picture. */
  changePicture(number: string): Uint8Array;

  /** Another device takes over the session, and gives it back. */
  takeOver(): void;
  giveBack(): void;
  /** The phone loses its connection, and restores it. */
  phoneAway(): void;
  phoneBack(): void;

  /** Returns what still runs of the engine. */
  remains(): Promise<unknown[]>;
  close(): Promise<void>;
}

/** Creates an engine and its WhatsApp side for the suite. */
export interface EngineUnderTest {
  open(session: { id: string; profileDirectory: string }): Promise<{ create: CreateEngine; side: WhatsAppSide }>;
}
