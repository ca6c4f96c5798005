import { randomBytes, randomInt } from "node:crypto";
import type { EngineListener } from "../../contract/engine.ts";
import type { Timers } from "./timers.ts";

interface IssuedCode {
  code: string;
  attempt: number;
}

type OnIssued = (issued: IssuedCode, expiresAt: Date) => void;

/** Issues one code after another. Only the last one is valid. */
class Rotation {
  private issued: IssuedCode | undefined;
  private cancel = (): void => undefined;

  constructor(
    private readonly options: { createCode(): string; everyMs: number; timers: Timers },
    private readonly onIssued: OnIssued,
  ) {}

  start(): void {
    this.stop();
    this.issue(1);
  }

  stop(): void {
    this.cancel();
    this.issued = undefined;
  }

  isCurrent(code: string): boolean {
    return this.issued?.code === code;
  }

  /** Issues the next code before the current one expires. */
  rotate(): void {
    if (!this.issued) return;
    this.cancel();
    this.issue(this.issued.attempt + 1);
  }

  private issue(attempt: number): void {
    const { createCode, everyMs, timers } = this.options;
    this.issued = { code: createCode(), attempt };
    this.onIssued(this.issued, new Date(Date.now() + everyMs));
    this.cancel = timers.after(everyMs, () => this.issue(attempt + 1));
  }
}

/** Issues QR codes and, for a given phone number, pairing codes, until one of them links the phone. */
export class Pairing {
  private cancelScan = (): void => undefined;
  private isRunning = false;
  private phoneNumber: string | undefined;
  private isPasskeyDemanded = false;
  private linkWithPasskey: (() => void) | undefined;
  private readonly qr: Rotation;
  private readonly pairing: Rotation;

  constructor(
    private readonly options: { qrRotateMs: number; pairingCodeMs: number; scanAfterMs: number },
    private readonly timers: Timers,
    listener: EngineListener,
  ) {
    this.qr = new Rotation(
      { createCode: createQrText, everyMs: options.qrRotateMs, timers },
      ({ code: raw, attempt }, expiresAt) => listener.qr({ raw, attempt, expiresAt }),
    );
    this.pairing = new Rotation(
      { createCode: createPairingCode, everyMs: options.pairingCodeMs, timers },
      (issued, expiresAt) => listener.pairingCode({ ...issued, expiresAt }),
    );
  }

  /** `onScanned` is called once. */
  start(onScanned: () => void): void {
    this.isRunning = true;
    this.qr.start();
    const { scanAfterMs } = this.options;
    if (scanAfterMs > 0) this.cancelScan = this.timers.after(scanAfterMs, onScanned);
  }

  stop(): void {
    this.isRunning = false;
    this.phoneNumber = undefined;
    this.cancelScan();
    this.qr.stop();
    this.pairing.stop();
  }

  demandPasskey(isDemanded: boolean): void {
    this.isPasskeyDemanded = isDemanded;
  }

  /** Ends the codes and links the phone. Returns false if WhatsApp demands a passkey first. */
  finish(link: () => void): boolean {
    this.stop();
    if (this.isPasskeyDemanded) this.linkWithPasskey = link;
    else link();
    return !this.isPasskeyDemanded;
  }

  satisfyPasskey(): void {
    this.linkWithPasskey?.();
    this.linkWithPasskey = undefined;
  }

  /** Starts pairing codes for this phone number. */
  byPhone(phoneNumber: string): void {
    if (!this.isRunning || this.phoneNumber === phoneNumber) return;
    this.phoneNumber = phoneNumber;
    this.pairing.start();
  }

  /** The phone number that pairing codes are issued for. */
  get number(): string | undefined {
    return this.phoneNumber;
  }

  isCurrentQr(raw: string): boolean {
    return this.qr.isCurrent(raw);
  }

  /** WhatsApp accepts a pairing code only on the phone that it was issued for. */
  isCurrentPairingCode(typed: { code: string; phoneNumber: string }): boolean {
    return this.phoneNumber === typed.phoneNumber && this.pairing.isCurrent(typed.code);
  }

  rotateQr(): void {
    this.qr.rotate();
  }

  rotatePairingCode(): void {
    this.pairing.rotate();
  }
}

/** The format of WhatsApp Web: a reference, followed by three keys. */
function createQrText(): string {
  const key = () => randomBytes(32).toString("base64");
  return `2@${randomBytes(48).toString("base64")},${key()},${key()},${key()}`;
}

/** WhatsApp omits characters that are easily confused. */
const pairingCharacters = "123456789ABCDEFGHJKLMNPQRSTVWXYZ";
const createPairingCode = () =>
  Array.from({ length: 8 }, () => pairingCharacters[randomInt(pairingCharacters.length)]).join("");
