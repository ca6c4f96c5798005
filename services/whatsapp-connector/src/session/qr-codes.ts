import { sessionManagers } from "@syszap/contracts";
import type { Publisher } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";
import QRCode from "qrcode";
import { type Backoff, untilDone } from "../backoff.ts";
import type { Lease } from "../lease.ts";

export interface QrText {
  raw: string;
  expiresAt: Date;
}

const publishing: Backoff = { firstMs: 200, mostMs: 2_000 };

/** Shows a session's QR codes to those who may link phones, as long as somebody may still want them. */
export class QrCodes {
  private attempt = 0;
  private lastRaw: string | undefined;
  private current = new AbortController();
  private lastExpiry: NodeJS.Timeout | undefined;

  constructor(
    private readonly lease: Lease,
    private readonly given: { publisher: Publisher; log: Logger; maxAttempts: number },
    /** Nobody scanned any of them. */
    private readonly onExpired: () => void,
  ) {}

  show(qr: QrText): void {
    if (qr.raw === this.lastRaw) return;
    this.lastRaw = qr.raw;
    this.attempt += 1;
    this.current.abort();
    if (this.attempt > this.given.maxAttempts) {
      this.onExpired();
      return;
    }
    if (this.attempt === this.given.maxAttempts) {
      this.lastExpiry = setTimeout(() => this.onExpired(), qr.expiresAt.getTime() - Date.now());
    }
    this.current = new AbortController();
    void this.publish(qr, this.attempt, this.current.signal);
  }

  /** A person asked for codes again: as many as at first. */
  startOver(): void {
    this.hide();
    this.attempt = 0;
  }

  /** The phone is linked, or nobody wants to link it any more. */
  hide(): void {
    this.current.abort();
    clearTimeout(this.lastExpiry);
    if (this.lastRaw === undefined) return;
    this.lastRaw = undefined;
    const { companyId, sessionId, generation } = this.lease;
    this.given.publisher.clearQr(companyId, sessionId, generation).catch((err: unknown) => {
      this.given.log.warn({ err, sessionId }, "QR code not taken back, it will expire");
    });
  }

  private async publish(qr: QrText, attempt: number, signal: AbortSignal): Promise<void> {
    const { companyId, sessionId, generation } = this.lease;
    const { publisher, log } = this.given;
    const qrCode = await QRCode.toDataURL(qr.raw, { errorCorrectionLevel: "M", margin: 2, scale: 6 });
    await untilDone(
      async () => {
        const ttlMs = qr.expiresAt.getTime() - Date.now();
        if (ttlMs <= 0 || signal.aborted || !this.lease.mayAct) return;
        const data = {
          sessionId,
          qrCode,
          expiresAt: qr.expiresAt.toISOString(),
          attempt,
          raw: qr.raw,
          timestamp: new Date().toISOString(),
        };
        const audience = { kind: "role" as const, roles: [...sessionManagers] };
        const isOurs = await publisher.publishQr(
          companyId,
          { type: "qr_code", audience, data },
          { sessionId, generation, ttlMs },
        );
        if (!isOurs) log.warn({ sessionId, generation }, "QR code refused: another connector owns the session");
      },
      { backoff: publishing, signal, onFailure: (err) => log.warn({ err, sessionId }, "QR code not published yet") },
    );
  }
}
