import type { MessageChange, MessageContent, TypingState } from "@syszap/contracts";
import type { CreateEngine } from "../src/engines/contract/engine.ts";

export interface Sent {
  waKey: string;
  number: string;
  /** Text or caption. */
  body: string;
  /** Key of the message that it answers. */
  quoted?: string;
  file?: { as: string; mimeType: string; fileName: string | null; sha256: string };
  place?: { latitude: number; longitude: number };
}
/** Done to a message that was there before. */
export interface Changed {
  change: MessageChange;
  target: string;
  body: string;
}

export type FileKind = "image" | "video" | "audio" | "voice" | "document" | "sticker";

/** The other end of an engine: WhatsApp, the linked phone, and those who write to it. */
export interface WhatsAppSide {
  /** One to which nothing can be sent. */
  readonly numberWithoutWhatsApp: string;
  /** What reached WhatsApp from the engine, in order; a repeated id only once. */
  readonly sent: readonly Sent[];
  readonly changed: readonly Changed[];
  /** Resolves with the first such thing that the engine does from now on. */
  nextTyping(): Promise<{ number: string; state: TypingState }>;
  nextRead(): Promise<{ number: string }>;

  /** Of the phone, with country code. */
  readonly phoneNumber: string;
  rotateCode(): void;
  rotatePairingCode(): void;
  /** The owner of the phone with this number types it there. Throws when it was made for another one, or is not the last. */
  typeCode(code: string, phoneNumber: string): void;
  /** Throws when the code is on no screen any more. */
  scan(code: string): void;
  unlink(): void;
  networkDown(): void;
  networkUp(): void;
  /** Until `release`, what is sent is neither accepted nor refused. */
  hold(): void;
  release(): void;

  /** Each returns WhatsApp's key of the message. */
  receive(message: { from: string; name?: string; body: string }): string;
  receiveImage(message: { from: string; body: string }): { waKey: string; bytes: Uint8Array };
  receiveFile(message: { from: string; kind: FileKind; body: string }): { waKey: string; bytes: Uint8Array };
  receiveContent(message: { from: string; content: MessageContent }): string;
  receiveUnknown(message: { from: string; vendorKind: string }): string;
  /** The owner writes on the phone itself. */
  write(message: { to: string; body: string; timestampMs?: number }): string;
  /** The owner blocks this number. */
  block(number: string): void;
  edit(waKey: string, body: string): void;
  revoke(waKey: string): void;
  react(waKey: string, emoji: string): void;
  type(number: string, state: TypingState): void;
  rename(number: string, name: string): void;
  /** Returns the new picture. */
  changePicture(number: string): Uint8Array;

  /** Another device takes the link over, and gives it back. */
  takeOver(): void;
  giveBack(): void;
  /** The phone itself loses its connection, and has it again. */
  phoneAway(): void;
  phoneBack(): void;

  /** What still runs of the engine. */
  remains(): Promise<unknown[]>;
  close(): Promise<void>;
}

/** How the suite gets one engine and the WhatsApp that it talks to. */
export interface EngineUnderTest {
  open(session: { id: string; profileDirectory: string }): Promise<{ create: CreateEngine; side: WhatsAppSide }>;
}
