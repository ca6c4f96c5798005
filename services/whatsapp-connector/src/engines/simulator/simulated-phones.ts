import { type MessageStatus, SessionReason, type TypingState } from "@syszap/contracts";
import type { z } from "zod";
import type { AgentAct } from "./phone/account-action.ts";
import type { CustomerMessage, Emitted } from "./phone/phone.ts";

export const LineLoss = SessionReason.extract(["network_lost", "phone_offline", "opened_elsewhere"]);
export type LineLoss = z.infer<typeof LineLoss>;

/** What may be ordered of a simulated phone: all that WhatsApp and its users do by themselves. */
export interface PhoneControl {
  /** Throws when the given code is not the one on the screen. */
  scan(code?: string): void;
  /** The next code, before its time. */
  rotateQr(): void;
  /** A code typed on the phone with this number; throws when it is not the one that was made for it last. */
  typeCode(typed: { code: string; phoneNumber: string }): void;
  /** The next such code, before its time. */
  rotatePairingCode(): void;
  message(message: CustomerMessage): Emitted;
  /** So many of the next downloads break. */
  loseFiles(count: number): void;
  /** The owner answers on the phone itself. */
  write(message: { to: string; body: string; timestampMs?: number | undefined }): Emitted;
  /** Nothing can be sent to this number any more. */
  block(number: string): void;
  /** Until `release`, what is sent from here is neither accepted nor refused. */
  hold(): void;
  release(): void;
  /** The last hundred things that were done from here, oldest first. */
  acts(): readonly AgentAct[];
  /** Called with everything that is done from here; returns how to end it. */
  onAct(listener: (act: AgentAct) => void): () => void;
  rename(number: string, name: string): void;
  changePicture(number: string): void;
  typing(number: string, state: TypingState): void;
  receipt(waKey: string, status: Exclude<MessageStatus, "queued">): Emitted;
  edit(waKey: string, body: string): Emitted;
  revoke(waKey: string): Emitted;
  react(waKey: string, emoji: string): Emitted;
  /** Loses the connection; what happens meanwhile comes after `restore`. Without a reason the network is lost. */
  drop(why?: LineLoss): void;
  restore(): void;
  /** The person removes the linked device on the phone. */
  unlink(): void;
  /** The engine breaks, as a crashed browser would. */
  crash(reason: SessionReason): void;
  setTraffic(messagesPerMinute: number): void;
}

/** A phone in this process or another one. */
export type OrderedPhone = {
  [Order in keyof PhoneControl]: (
    ...args: Parameters<PhoneControl[Order]>
  ) => ReturnType<PhoneControl[Order]> | Promise<ReturnType<PhoneControl[Order]>>;
};

/** The simulated phones that run in this process, by session. */
export class SimulatedPhones {
  private readonly running = new Map<string, PhoneControl>();

  add(sessionId: string, phone: PhoneControl): void {
    this.running.set(sessionId, phone);
  }

  remove(sessionId: string, phone: PhoneControl): void {
    if (this.running.get(sessionId) === phone) this.running.delete(sessionId);
  }

  find(sessionId: string): PhoneControl | undefined {
    return this.running.get(sessionId);
  }
}
