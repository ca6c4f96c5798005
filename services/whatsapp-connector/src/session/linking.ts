import { type SessionReason, sessionManagers } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";
import { withTimeout } from "@syszap/platform/async";
import QRCode from "qrcode";
import type { Engine, EngineListener } from "../engines/contract/engine.ts";
import type { Lease } from "../lease.ts";
import { LinkCodes, type ShownCode } from "./link-codes.ts";

export interface LinkingTimes {
  maxQrCodes: number;
  maxPairingCodes: number;
  /** How long a demanded passkey keeps the session running. WhatsApp's own demand ends after ten minutes. */
  passkeyMs: number;
  logOutMs: number;
}
interface LinkingDependencies {
  database: Database;
  publisher: Publisher;
  log: Logger;
  times: LinkingTimes;
  /** Undefined while no engine runs. */
  engine(): Engine | undefined;
  /** No phone was linked in time. */
  onExpired(detail: "qr_expired" | "action_required", reason: SessionReason): void;
  /** WhatsApp issues no further pairing codes. */
  onRefused(): void;
}

const audience = { kind: "role" as const, roles: [...sessionManagers] };

/** Links a phone to a session: by QR codes and, when the user entered a phone number, by pairing codes as well. */
export class Linking {
  private readonly qrCodes: LinkCodes;
  private readonly pairingCodes: LinkCodes;
  private phoneNumber: string | null = null;
  /** True when a code was shown since the last link. */
  private wasOffered = false;
  private passkeyDeadline: NodeJS.Timeout | undefined;

  constructor(
    private readonly lease: Lease,
    private readonly dependencies: LinkingDependencies,
  ) {
    const { publisher, times, log } = dependencies;
    const { companyId, sessionId, generation } = lease;
    this.qrCodes = new LinkCodes(lease, {
      log,
      maxAttempts: times.maxQrCodes,
      publish: (code) => this.publishQr(code),
      clear: () => publisher.clearLinkCode(companyId, "qr_code", { sessionId, generation }),
      onExpired: () => {
        if (this.phoneNumber === null) dependencies.onExpired("qr_expired", "qr_not_scanned");
        else this.qrCodes.hide(); // typing a pairing code takes longer than scanning
      },
    });
    this.pairingCodes = new LinkCodes(lease, {
      log,
      maxAttempts: times.maxPairingCodes,
      publish: (code) => this.publishPairingCode(code),
      clear: () => publisher.clearLinkCode(companyId, "pairing_code", { sessionId, generation }),
      onExpired: () => dependencies.onExpired("qr_expired", "pairing_code_not_entered"),
    });
  }

  qr({ raw, expiresAt }: Parameters<EngineListener["qr"]>[0]): void {
    this.wasOffered = true;
    this.qrCodes.show({ text: raw, expiresAt });
  }

  pairingCode({ code, expiresAt }: Parameters<EngineListener["pairingCode"]>[0]): void {
    if (this.phoneNumber !== null) this.pairingCodes.show({ text: code, expiresAt });
  }

  /** WhatsApp issues no pairing code for the number. QR codes continue, with a new limit. */
  pairingRefused(): void {
    if (this.phoneNumber === null) return;
    this.phoneNumber = null;
    this.pairingCodes.startOver();
    this.qrCodes.startOver();
    this.dependencies.onRefused();
  }

  /** Requests pairing codes for the number in the session's row. Call it when codes are shown and when the row changes. */
  async offer(): Promise<void> {
    const { companyId, sessionId } = this.lease;
    const wanted = await this.dependencies.database.withCompany(companyId, ({ sessions }) =>
      sessions.findPairingNumber(sessionId),
    );
    if (wanted !== this.phoneNumber || !this.pairingCodes.isShown) this.pairingCodes.startOver();
    this.phoneNumber = wanted;
    if (wanted === null) return;
    try {
      await this.dependencies.engine()?.pairByPhone(wanted);
    } catch (err) {
      this.dependencies.log.warn({ err }, "pairing code not requested");
      this.pairingRefused();
    }
  }

  /** WhatsApp demands a passkey: withdraws all codes, and waits for a user to try again. */
  passkeyRequired(): void {
    this.hide();
    const onExpired = () => this.dependencies.onExpired("action_required", "passkey_required");
    this.passkeyDeadline = setTimeout(onExpired, this.dependencies.times.passkeyMs);
  }

  startOver(): void {
    clearTimeout(this.passkeyDeadline);
    this.qrCodes.startOver();
    this.pairingCodes.startOver();
  }

  /** Withdraws all codes: the phone is linked, or linking was cancelled. */
  hide(): void {
    clearTimeout(this.passkeyDeadline);
    this.qrCodes.hide();
    this.pairingCodes.hide();
    this.phoneNumber = null;
  }

  /** Called when the linked phone belongs to this session: it will not be unlinked by `unlinkNew`. */
  settle(): void {
    this.wasOffered = false;
  }

  /** Unlinks a phone that was just linked and belongs to another session. Returns true when it was unlinked. */
  async unlinkNew(): Promise<boolean> {
    return this.wasOffered && (await this.unlink());
  }

  async unlink(): Promise<boolean> {
    const engine = this.dependencies.engine();
    if (!engine) return false;
    try {
      await withTimeout(engine.logOut(), { timeoutMs: this.dependencies.times.logOutMs, error: "logging out" });
      return true;
    } catch (err) {
      this.dependencies.log.warn({ err }, "the engine did not log out");
      return false;
    }
  }

  private async publishQr({ text: raw, expiresAt, attempt, ttlMs }: ShownCode): Promise<boolean> {
    const { companyId, sessionId, generation } = this.lease;
    const qrCode = await QRCode.toDataURL(raw, { errorCorrectionLevel: "M", margin: 2, scale: 6 });
    const data = { sessionId, qrCode, expiresAt: expiresAt.toISOString(), attempt, raw, timestamp: now() };
    const event = { type: "qr_code", audience, data } as const;
    return this.dependencies.publisher.publishLinkCode(companyId, event, { sessionId, generation, ttlMs });
  }

  private async publishPairingCode({ text: pairingCode, expiresAt, attempt, ttlMs }: ShownCode): Promise<boolean> {
    const { companyId, sessionId, generation } = this.lease;
    const { phoneNumber } = this;
    if (phoneNumber === null) return true;
    const shown = { sessionId, pairingCode, phoneNumber, attempt };
    const data = { ...shown, expiresAt: expiresAt.toISOString(), timestamp: now() };
    const event = { type: "pairing_code", audience, data } as const;
    return this.dependencies.publisher.publishLinkCode(companyId, event, { sessionId, generation, ttlMs });
  }
}

const now = () => new Date().toISOString();
