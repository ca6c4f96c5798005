import { randomBytes, randomInt } from "node:crypto";
import type { EngineListener } from "../../contract/engine.ts";
import type { Timers } from "./timers.ts";

interface Shown {
  code: string;
  attempt: number;
}
type Tell = (shown: Shown, expiresAt: Date) => void;

/** One code after another, each worth nothing once the next is there. */
class Rotation {
  private shown: Shown | undefined;
  private cancel = (): void => undefined;

  constructor(
    private readonly given: { make(): string; everyMs: number; timers: Timers },
    private readonly tell: Tell,
  ) {}

  start(): void {
    this.stop();
    this.show(1);
  }
  stop(): void {
    this.cancel();
    this.shown = undefined;
  }
  isShown(code: string): boolean {
    return this.shown?.code === code;
  }
  /** The next code, before its time. */
  rotate(): void {
    if (!this.shown) return;
    this.cancel();
    this.show(this.shown.attempt + 1);
  }

  private show(attempt: number): void {
    const { make, everyMs, timers } = this.given;
    this.shown = { code: make(), attempt };
    this.tell(this.shown, new Date(Date.now() + everyMs));
    this.cancel = timers.after(everyMs, () => this.show(attempt + 1));
  }
}

/** Shows QR codes, and where a number is given codes to be typed on its phone, until one of them links a phone. */
export class Pairing {
  private cancelScan = (): void => undefined;
  private isWanted = false;
  private phoneNumber: string | undefined;
  private readonly qr: Rotation;
  private readonly typed: Rotation;

  constructor(
    private readonly options: { qrRotateMs: number; pairingCodeMs: number; scanAfterMs: number },
    private readonly timers: Timers,
    listener: EngineListener,
  ) {
    this.qr = new Rotation({ make: qrText, everyMs: options.qrRotateMs, timers }, ({ code: raw, attempt }, expiresAt) =>
      listener.qr({ raw, attempt, expiresAt }),
    );
    this.typed = new Rotation({ make: typedText, everyMs: options.pairingCodeMs, timers }, (shown, expiresAt) =>
      listener.pairingCode({ ...shown, expiresAt }),
    );
  }

  /** `onScanned` is called once. */
  start(onScanned: () => void): void {
    this.isWanted = true;
    this.qr.start();
    const { scanAfterMs } = this.options;
    if (scanAfterMs > 0) this.cancelScan = this.timers.after(scanAfterMs, onScanned);
  }
  stop(): void {
    this.isWanted = false;
    this.phoneNumber = undefined;
    this.cancelScan();
    this.qr.stop();
    this.typed.stop();
  }
  byPhone(phoneNumber: string): void {
    if (!this.isWanted || this.phoneNumber === phoneNumber) return;
    this.phoneNumber = phoneNumber;
    this.typed.start();
  }
  /** Of the phone on which a code is to be typed. */
  get number(): string | undefined {
    return this.phoneNumber;
  }
  isShown(raw: string): boolean {
    return this.qr.isShown(raw);
  }
  /** WhatsApp takes a code on the phone for which it was made, and on no other. */
  isTyped(typed: { code: string; phoneNumber: string }): boolean {
    return this.phoneNumber === typed.phoneNumber && this.typed.isShown(typed.code);
  }
  rotate(): void {
    this.qr.rotate();
  }
  rotateTyped(): void {
    this.typed.rotate();
  }
}

/** Of the shape that WhatsApp Web shows: a reference, then three keys. */
function qrText(): string {
  const key = () => randomBytes(32).toString("base64");
  return `2@${randomBytes(48).toString("base64")},${key()},${key()},${key()}`;
}

/** WhatsApp leaves out what is easily taken for something else. */
const signs = "123456789ABCDEFGHJKLMNPQRSTVWXYZ";
const typedText = () => Array.from({ length: 8 }, () => signs[randomInt(signs.length)]).join("");
