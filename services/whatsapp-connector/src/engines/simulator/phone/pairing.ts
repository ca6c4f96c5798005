import { randomBytes } from "node:crypto";
import type { EngineListener } from "../../engine.ts";
import type { Timers } from "./timers.ts";

/** Shows one QR code after another until it is scanned or stopped. */
export class Pairing {
  private cancelScan = (): void => undefined;
  private cancelRotation = (): void => undefined;
  private shown: { raw: string; attempt: number } | undefined;

  constructor(
    private readonly options: { qrRotateMs: number; scanAfterMs: number },
    private readonly timers: Timers,
    private readonly listener: EngineListener,
  ) {}

  /** `onScanned` is called once. */
  start(onScanned: () => void): void {
    this.show(1);
    const { scanAfterMs } = this.options;
    if (scanAfterMs > 0) this.cancelScan = this.timers.after(scanAfterMs, onScanned);
  }

  stop(): void {
    this.cancelScan();
    this.cancelRotation();
    this.shown = undefined;
  }

  /** An older code is worth nothing, as in WhatsApp. */
  isShown(raw: string): boolean {
    return this.shown?.raw === raw;
  }

  /** The next code, before its time. */
  rotate(): void {
    if (!this.shown) return;
    this.cancelRotation();
    this.show(this.shown.attempt + 1);
  }

  private show(attempt: number): void {
    const { qrRotateMs } = this.options;
    const raw = codeText();
    this.shown = { raw, attempt };
    this.listener.qr({ raw, attempt, expiresAt: new Date(Date.now() + qrRotateMs) });
    this.cancelRotation = this.timers.after(qrRotateMs, () => this.show(attempt + 1));
  }
}

/** Of the shape that WhatsApp Web shows: a reference, then three keys. */
function codeText(): string {
  const key = () => randomBytes(32).toString("base64");
  return `2@${randomBytes(48).toString("base64")},${key()},${key()},${key()}`;
}
