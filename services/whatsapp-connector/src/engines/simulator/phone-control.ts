import { type MessageStatus, SessionReason, type TypingState } from "@syszap/contracts";
import type { z } from "zod";
import type { AccountAction } from "./phone/account-action.ts";
import type { GroupChange, NewGroup } from "./phone/groups.ts";
import type { CustomerMessage, Emitted, WrittenMessage } from "./phone/phone.ts";

export const ConnectionLoss = SessionReason.extract(["network_lost", "phone_offline", "opened_elsewhere"]);
export type ConnectionLoss = z.infer<typeof ConnectionLoss>;

/** Triggers everything that WhatsApp and its users do to a simulated phone. */
export interface PhoneControl {
  /** Throws when the given code is not the one on the screen. */
  scan(code?: string): void;
  /** Shows the next QR code before the current one expires. */
  rotateQr(): void;
  /** Enters a pairing code on the phone with this number. Throws unless it is the last code issued for that number. */
  typeCode(typed: { code: string; phoneNumber: string }): void;
  /** Issues the next pairing code before the current one expires. */
  rotatePairingCode(): void;
  /** From now on, WhatsApp demands a passkey when a code is used; false: no longer. */
  demandPasskey(isDemanded: boolean): void;
  /** WhatsApp links the phone that waits for a passkey. */
  satisfyPasskey(): void;
  message(message: CustomerMessage): Emitted;
  /** Makes the next `count` downloads fail. */
  loseFiles(count: number): void;
  /** The owner of the phone writes a message on the phone itself. */
  write(message: WrittenMessage): Emitted;
  /** A customer creates a group with the phone. Returns its id. */
  createGroup(group: NewGroup): string;
  changeGroup(group: string, change: GroupChange): Emitted;
  /** The owner blocks the number: messages to it are refused from now on. */
  block(number: string): void;
  /** Until `release`, WhatsApp neither accepts nor refuses what the engine sends. */
  hold(): void;
  release(): void;
  /** The last 100 actions of the engine on the account, oldest first. */
  actions(): readonly AccountAction[];
  /** Subscribes to the engine's actions on the account. Returns a function that ends the subscription. */
  onAction(listener: (action: AccountAction) => void): () => void;
  rename(number: string, name: string): void;
  changePicture(number: string): void;
  /** The owner reads the chat on the phone. */
  read(number: string): void;
  typing(number: string, state: TypingState): void;
  receipt(waKey: string, status: Exclude<MessageStatus, "queued">): Emitted;
  edit(waKey: string, body: string): Emitted;
  revoke(waKey: string): Emitted;
  /** `by`: number of the participant of a group. */
  react(waKey: string, emoji: string, by?: string): Emitted;
  /** The client, or this participant of a group, votes in the poll. No options withdraw the vote. */
  vote(waKey: string, options: string[], by?: string): Emitted;
  /** The client moves while it shares its location, or stops sharing it. */
  move(waKey: string, position: { latitude: number; longitude: number; hasEnded?: boolean | undefined }): Emitted;
  /** Closes the connection, by default because the network is lost. Facts of the time until `restore` are emitted then. */
  drop(reason?: ConnectionLoss): void;
  restore(): void;
  /** The owner removes the linked device on the phone. */
  unlink(): void;
  /** The engine fails, as when its browser crashes. */
  crash(reason: SessionReason): void;
  setTraffic(messagesPerMinute: number): void;
}

/** A phone in this process or in another one, where every call is asynchronous. */
export type RemotePhoneControl = {
  [Command in keyof PhoneControl]: (
    ...args: Parameters<PhoneControl[Command]>
  ) => ReturnType<PhoneControl[Command]> | Promise<ReturnType<PhoneControl[Command]>>;
};

/** All methods that can be called in another process; a listener can't be sent there. */
export const phoneCommands = [
  "scan",
  "rotateQr",
  "typeCode",
  "rotatePairingCode",
  "demandPasskey",
  "satisfyPasskey",
  "message",
  "loseFiles",
  "write",
  "createGroup",
  "changeGroup",
  "block",
  "hold",
  "release",
  "actions",
  "rename",
  "changePicture",
  "read",
  "typing",
  "receipt",
  "edit",
  "revoke",
  "react",
  "vote",
  "move",
  "drop",
  "restore",
  "unlink",
  "crash",
  "setTraffic",
] as const satisfies readonly (keyof PhoneControl)[];
