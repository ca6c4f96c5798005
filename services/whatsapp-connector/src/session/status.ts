import type { SessionDetail, SessionReason } from "@syszap/contracts";
import type { CompanyUnit, Database } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { type Backoff, retryUntilAborted } from "@syszap/platform/async";
import type { Lease } from "../lease.ts";

/** Final states after which a user must start the session again. */
export const needsUser: readonly SessionDetail[] = ["qr_expired", "action_required", "logged_out", "failed"];

export interface StatusChange {
  detail: SessionDetail;
  reason?: SessionReason | undefined;
  phoneNumber?: string | undefined;
  /** For `connected`: called when the status was written, or refused because another session has the number. */
  onSettled?: ((outcome: Outcome) => void) | undefined;
}

type Outcome = "written" | "number_in_use";
const writeBackoff: Backoff = { firstMs: 200, maxMs: 5_000 };

/** Changes that wait while the database is away. Further ones replace the oldest. */
const maxPending = 50;

/** Writes the session's status changes to the database in order, with their events. */
export class SessionStatus {
  private pending: StatusChange[] = [];
  private work: Promise<void> = Promise.resolve();
  private latest: StatusChange = { detail: "starting" };
  private readonly closing = new AbortController();

  constructor(
    private readonly lease: Lease,
    private readonly database: Database,
    private readonly log: Logger,
  ) {}

  get detail(): SessionDetail {
    return this.latest.detail;
  }

  /** Queues a change. Returns without waiting. */
  record(change: StatusChange): void {
    this.latest = change;
    this.pending.push(change);
    if (this.pending.length > maxPending) this.pending.splice(this.pending[0]?.onSettled ? 1 : 0, 1);
    this.work = this.work.then(() => this.write());
  }

  /**
   * Writes the final status of this owner. `also` runs in the same transaction, unless another owner has taken over. Returns false
   * when the status could not be written within the grace period.
   */
  async finish(change: StatusChange, also: (unit: CompanyUnit) => Promise<void>, graceMs: number): Promise<boolean> {
    this.pending = [];
    this.latest = change;
    const timer = setTimeout(() => this.closing.abort(), graceMs);
    await this.work;
    const outcome = await this.persist(() => this.store(change, also));
    clearTimeout(timer);
    this.close();
    return outcome !== undefined;
  }

  /** Discards the queued changes. */
  close(): void {
    this.pending = [];
    this.closing.abort();
  }

  private async write(): Promise<void> {
    const change = this.pending.shift();
    if (!change) return;
    const outcome = await this.persist(() => this.store(change));
    if (outcome) change.onSettled?.(outcome);
  }

  private async store(change: StatusChange, also?: (unit: CompanyUnit) => Promise<void>): Promise<Outcome> {
    if (!this.lease.mayAct) return "written"; // the new owner writes the status
    const { companyId, sessionId, generation } = this.lease;
    return this.database.withCompany(companyId, async (unit) => {
      const { detail, phoneNumber } = change;
      if (detail === "connected" && phoneNumber !== undefined) {
        if (await unit.sessions.isNumberInUse(phoneNumber, sessionId)) return "number_in_use";
      }
      const session = await unit.sessions.recordStatus({
        sessionId,
        generation,
        detail: change.detail,
        reason: change.reason ?? null,
        ...(change.phoneNumber !== undefined && { phoneNumber: change.phoneNumber }),
      });
      if (session) unit.emit.sessionStatus(session);
      // No row is also returned when nothing changed, so the lease decides whether this owner may write.
      if (also && (session || (await this.database.system.leases.isHeld(this.lease)))) await also(unit);
      return "written";
    });
  }

  private async persist(write: () => Promise<Outcome>): Promise<Outcome | undefined> {
    const done = await retryUntilAborted(write, {
      backoff: writeBackoff,
      signal: this.closing.signal,
      onFailure: (err, retry) => {
        if (retry === 0) this.log.warn({ err, sessionId: this.lease.sessionId }, "could not write the status yet");
      },
    });
    return done?.result;
  }
}
