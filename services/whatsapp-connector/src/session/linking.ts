import { type SessionReason, sessionManagers } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";
import { withTimeout } from "@syszap/platform/async";
import QRCode from "qrcode";
import type { Engine, EngineListener } from "../engines/contract/engine.ts";
import type { Lease } from "../lease.ts";
import { LinkCodes, type Shown } from "./link-codes.ts";

export interface LinkingTimes {
  maxQrCodes: number;
  maxPairingCodes: number;
  logOutMs: number;
}
interface Given {
  database: Database;
  publisher: Publisher;
  log: Logger;
  times: LinkingTimes;
  /** Undefined between two runs. */
  engine(): Engine | undefined;
  /** Nobody linked a phone by any of the codes. */
  onExpired(reason: SessionReason): void;
  onRefused(): void;
}

const audience = { kind: "role" as const, roles: [...sessionManagers] };

/** How a session without a phone gets one: QR codes, and beside them codes for a phone number where a person gave one. */
export class Linking {
  private readonly qrCodes: LinkCodes;
  private readonly pairingCodes: LinkCodes;
  private phoneNumber: string | null = null;
  private wasOffered = false;

  constructor(
    private readonly lease: Lease,
    private readonly given: Given,
  ) {
    const { publisher, times, log } = given;
    const { companyId, sessionId, generation } = lease;
    this.qrCodes = new LinkCodes(lease, {
      log,
      maxAttempts: times.maxQrCodes,
      publish: (code) => this.publishQr(code),
      clear: () => publisher.clearQr(companyId, sessionId, generation),
      onExpired: () => {
        if (this.phoneNumber === null) given.onExpired("qr_not_scanned");
        else this.qrCodes.hide(); // whoever types a code needs longer
      },
    });
    this.pairingCodes = new LinkCodes(lease, {
      log,
      maxAttempts: times.maxPairingCodes,
      publish: (code) => this.publishPairingCode(code),
      clear: () => publisher.clearPairingCode(companyId, sessionId, generation),
      onExpired: () => given.onExpired("pairing_code_not_entered"),
    });
  }

  qr({ raw, expiresAt }: Parameters<EngineListener["qr"]>[0]): void {
    this.wasOffered = true;
    this.qrCodes.show({ text: raw, expiresAt });
  }

  pairingCode({ code, expiresAt }: Parameters<EngineListener["pairingCode"]>[0]): void {
    if (this.phoneNumber !== null) this.pairingCodes.show({ text: code, expiresAt });
  }

  /** QR codes go on, as many as at first. */
  pairingRefused(): void {
    if (this.phoneNumber === null) return;
    this.phoneNumber = null;
    this.pairingCodes.startOver();
    this.qrCodes.startOver();
    this.given.onRefused();
  }

  /** Asks for what the session's row wants: call when codes are wanted, and when the row changed meanwhile. */
  async offer(): Promise<void> {
    const { companyId, sessionId } = this.lease;
    const wanted = await this.given.database.withCompany(companyId, ({ sessions }) =>
      sessions.findPairingNumber(sessionId),
    );
    if (wanted !== this.phoneNumber || !this.pairingCodes.isShown) this.pairingCodes.startOver();
    this.phoneNumber = wanted;
    if (wanted === null) return;
    try {
      await this.given.engine()?.pairByPhone(wanted);
    } catch (err) {
      this.given.log.warn({ err }, "no pairing code asked for");
      this.pairingRefused();
    }
  }

  startOver(): void {
    this.qrCodes.startOver();
    this.pairingCodes.startOver();
  }

  /** The phone is linked, or nobody wants to link it any more. */
  hide(): void {
    this.qrCodes.hide();
    this.pairingCodes.hide();
    this.phoneNumber = null;
  }

  /** The linked phone is this session's from now on. */
  settle(): void {
    this.wasOffered = false;
  }

  /** A phone that was linked by our codes a moment ago and can't stay keeps no device that nobody sees. True: it is unlinked. */
  async unlinkNew(): Promise<boolean> {
    return this.wasOffered && (await this.unlink());
  }

  async unlink(): Promise<boolean> {
    const engine = this.given.engine();
    if (!engine) return false;
    try {
      await withTimeout(engine.logOut(), { timeoutMs: this.given.times.logOutMs, error: "logging out" });
      return true;
    } catch (err) {
      this.given.log.warn({ err }, "the engine did not log out");
      return false;
    }
  }

  private async publishQr({ text: raw, expiresAt, attempt, ttlMs }: Shown): Promise<boolean> {
    const { companyId, sessionId, generation } = this.lease;
    const qrCode = await QRCode.toDataURL(raw, { errorCorrectionLevel: "M", margin: 2, scale: 6 });
    const data = { sessionId, qrCode, expiresAt: expiresAt.toISOString(), attempt, raw, timestamp: now() };
    const event = { type: "qr_code", audience, data } as const;
    return this.given.publisher.publishQr(companyId, event, { sessionId, generation, ttlMs });
  }

  private async publishPairingCode({ text: pairingCode, expiresAt, attempt, ttlMs }: Shown): Promise<boolean> {
    const { companyId, sessionId, generation } = this.lease;
    const { phoneNumber } = this;
    if (phoneNumber === null) return true;
    const shown = { sessionId, pairingCode, phoneNumber, attempt };
    const data = { ...shown, expiresAt: expiresAt.toISOString(), timestamp: now() };
    const event = { type: "pairing_code", audience, data } as const;
    return this.given.publisher.publishPairingCode(companyId, event, { sessionId, generation, ttlMs });
  }
}

const now = () => new Date().toISOString();
