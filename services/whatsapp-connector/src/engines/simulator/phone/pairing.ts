import { randomBytes } from "node:crypto";
import type { EngineListener } from "../../engine.ts";
import type { Timers } from "./timers.ts";

/** Shows one QR code after another until it is scanned or stopped. */
export class Pairing {
  private cancel: (() => void)[] = [];

  constructor(
    private readonly options: { qrRotateMs: number; scanAfterMs: number },
    private readonly timers: Timers,
    private readonly listener: EngineListener,
  ) {}

  /** `onScanned` is called once. */
  start(onScanned: () => void): void {
    this.show(1);
    if (this.options.scanAfterMs > 0) this.cancel.push(this.timers.after(this.options.scanAfterMs, onScanned));
  }

  stop(): void {
    for (const cancel of this.cancel) cancel();
    this.cancel = [];
  }

  private show(attempt: number): void {
    const { qrRotateMs } = this.options;
    this.listener.qr({ raw: codeText(), attempt, expiresAt: new Date(Date.now() + qrRotateMs) });
    this.cancel.push(this.timers.after(qrRotateMs, () => this.show(attempt + 1)));
  }
}

/** Of the shape that WhatsApp Web shows: a reference, then three keys. */
function codeText(): string {
  const key = () => randomBytes(32).toString("base64");
  return `2@${randomBytes(48).toString("base64")},${key()},${key()},${key()}`;
}
