import type { SessionDetail, SessionReason } from "@syszap/contracts";
import type { CompanyUnit, Database } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { type Backoff, untilDone } from "../backoff.ts";
import type { Lease } from "../lease.ts";

export interface StatusChange {
  detail: SessionDetail;
  reason?: SessionReason | undefined;
  phoneNumber?: string | undefined;
}

const writing: Backoff = { firstMs: 200, mostMs: 5_000 };

/** More than a session goes through in any outage that is worth telling of. */
const mostPending = 50;

/** Writes the session's states, each in its turn, with their events. */
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

  /** Returns without waiting. */
  record(change: StatusChange): void {
    this.latest = change;
    this.pending.push(change);
    if (this.pending.length > mostPending) this.pending.shift();
    this.work = this.work.then(() => this.write());
  }

  /** The last state of this owner. `also` runs in the same transaction, unless another owner decides by now. False when it could not be written in time. */
  async finish(change: StatusChange, also: (unit: CompanyUnit) => Promise<void>, graceMs: number): Promise<boolean> {
    this.pending = [];
    this.latest = change;
    const timer = setTimeout(() => this.closing.abort(), graceMs);
    await this.work;
    const done = await this.persist(() => this.store(change, also));
    clearTimeout(timer);
    this.close();
    return done;
  }

  /** Nothing is written any more. */
  close(): void {
    this.pending = [];
    this.closing.abort();
  }

  private async write(): Promise<void> {
    const change = this.pending.shift();
    if (change) await this.persist(() => this.store(change));
  }

  private async store(change: StatusChange, also?: (unit: CompanyUnit) => Promise<void>): Promise<void> {
    if (!this.lease.mayAct) return;
    const { companyId, sessionId, generation } = this.lease;
    await this.database.withCompany(companyId, async (unit) => {
      const session = await unit.sessions.recordStatus({
        sessionId,
        generation,
        detail: change.detail,
        reason: change.reason ?? null,
        ...(change.phoneNumber !== undefined && { phoneNumber: change.phoneNumber }),
      });
      if (session) unit.emit.sessionStatus(session);
      // No answer also means that nothing changed; only the lease tells whether the end was ours to decide.
      if (also && (session || (await this.database.system.leases.isHeld(this.lease)))) await also(unit);
    });
  }

  private async persist(write: () => Promise<void>): Promise<boolean> {
    const done = await untilDone(write, {
      backoff: writing,
      signal: this.closing.signal,
      onFailure: (err, retry) => {
        if (retry === 0) this.log.warn({ err, sessionId: this.lease.sessionId }, "status not written yet");
      },
    });
    return done !== undefined;
  }
}
