import type { EngineName } from "@syszap/contracts";
import { leaseDurationMs, type SessionHealth, type SystemRepositories } from "@syszap/database";
import type { Logger } from "@syszap/platform";

export interface LeaseTimes {
  /** How long a lease lasts without a renewal, by the database's clock. */
  durationMs: number;
  /** The holder stops acting this long before the end, by its own clock. */
  safetyMs: number;
  /**
   * Postgres must have answered for this long before expired leases of others are claimed. While it is away, other connectors
   * cannot renew either.
   */
  trustAfterMs: number;
}
const ninth = (durationMs: number) => Math.round(durationMs / 9);

/** A lease of 45 s is renewed every 5 s, and its holder does not act in the last 5 s. Other durations keep these ratios. */
export const leaseTimes = (durationMs = leaseDurationMs): LeaseTimes => ({
  durationMs,
  safetyMs: ninth(durationMs),
  trustAfterMs: durationMs,
});
/** Eight of these intervals fit into the time in which the holder may act, so single failures are harmless. */
export const renewEveryMs = (durationMs: number): number => ninth(durationMs);

/** The right to run one session. The database fences what is written under it; `mayAct` fences what is sent to WhatsApp. */
export class Lease {
  readonly companyId: string;
  readonly sessionId: string;
  readonly engine: EngineName;
  readonly generation: number;
  private readonly listeners = new Set<() => void>();

  constructor(
    claimed: { companyId: string; sessionId: string; engine: EngineName; generation: number },
    private deadlineMs: number,
  ) {
    this.companyId = claimed.companyId;
    this.sessionId = claimed.sessionId;
    this.engine = claimed.engine;
    this.generation = claimed.generation;
  }

  /** False from shortly before another connector could claim the lease. */
  get mayAct(): boolean {
    return performance.now() < this.deadlineMs;
  }

  /** Time left to act under the lease; negative afterwards. */
  get remainingMs(): number {
    return this.deadlineMs - performance.now();
  }

  prolong(deadlineMs: number): void {
    this.deadlineMs = Math.max(this.deadlineMs, deadlineMs);
    for (const listener of this.listeners) listener();
  }

  /** Ends the lease at once: another connector may hold it. */
  end(): void {
    this.deadlineMs = Number.NEGATIVE_INFINITY;
    for (const listener of this.listeners) listener();
  }

  /** Calls `listener` whenever the deadline changes. Returns a function that removes it. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

export interface Claim {
  lease: Lease;
  /** False: the session should not run. Record that it stopped, and release the lease. */
  isWanted: boolean;
}

export interface Renewed {
  unwanted: Lease[];
  lost: Lease[];
  /** Another connector should run these sessions. */
  moving: Lease[];
  settings: { lease: Lease; version: number }[];
}

/** Claims, renews and releases the leases of one connector. */
export class LeaseKeeper {
  private readonly held = new Map<string, Lease>();
  private answeredSinceMs: number | undefined;

  constructor(
    private readonly leases: SystemRepositories["leases"],
    private readonly connector: { id: string; nonce: string },
    private readonly times: LeaseTimes,
    private readonly log: Logger,
  ) {}

  /** `running`: sessions that still run here, possibly under an ended lease. They are not claimed again. */
  async claim(limit: number, running: readonly string[]): Promise<Claim[]> {
    const sinceMs = this.answeredSinceMs ?? Number.POSITIVE_INFINITY;
    const deadlineMs = this.deadline();
    const claimed = await this.query(() =>
      this.leases.claim({
        connectorId: this.connector.id,
        nonce: this.connector.nonce,
        limit,
        holding: [...new Set([...this.held.keys(), ...running])],
        mayTakeExpired: performance.now() - sinceMs >= this.times.trustAfterMs,
        leaseMs: this.times.durationMs,
      }),
    );
    return claimed.map((row) => {
      const lease = new Lease(row, deadlineMs);
      this.held.set(row.sessionId, lease);
      return { lease, isWanted: row.isWanted };
    });
  }

  /**
   * Renews all leases. Returns those of sessions that should not run any more or not here, those that were lost, and the versions
   * of the settings of the others.
   */
  async renew(healthOf: (lease: Lease) => SessionHealth | undefined = () => undefined): Promise<Renewed> {
    const deadlineMs = this.deadline();
    const leases = [...this.held.values()];
    const held = leases.map((lease) => {
      const health = healthOf(lease);
      return { sessionId: lease.sessionId, generation: lease.generation, ...(health && { health }) };
    });
    const { renewed, lost } = await this.query(() => this.leases.renew(this.connector.id, held, this.times.durationMs));
    const isOf = (lease: Lease) => (other: { sessionId: string; generation: number }) =>
      other.sessionId === lease.sessionId && other.generation === lease.generation;
    for (const lease of leases) {
      if (renewed.some(isOf(lease))) lease.prolong(deadlineMs);
      if (lost.some(isOf(lease))) this.forget(lease);
    }
    return {
      unwanted: leases.filter((lease) => renewed.find(isOf(lease))?.isWanted === false),
      lost: leases.filter((lease) => lost.some(isOf(lease))),
      moving: leases.filter((lease) => renewed.find(isOf(lease))?.isMoving),
      settings: leases.flatMap((lease) => {
        const version = renewed.find(isOf(lease))?.settingsVersion;
        return version === undefined ? [] : [{ lease, version }];
      }),
    };
  }

  /** Ends and returns the leases that were not renewed in time. The database may not have given them to others yet. */
  expire(): Lease[] {
    const expired = [...this.held.values()].filter((lease) => !lease.mayAct);
    for (const lease of expired) this.forget(lease);
    return expired;
  }

  /** Releases the lease; nothing may run under it. If Postgres does not answer, it expires. */
  async release(lease: Lease): Promise<void> {
    if (this.held.get(lease.sessionId) !== lease) return;
    this.forget(lease);
    try {
      await this.query(() => this.leases.release(this.connector.id, lease));
    } catch (err) {
      this.log.warn({ err, sessionId: lease.sessionId }, "lease not released, it will expire");
    }
  }

  /** Stops renewing a lease under which an engine may still run. Others may claim it after it has expired. */
  abandon(lease: Lease): void {
    this.forget(lease);
  }

  private forget(lease: Lease): void {
    lease.end();
    if (this.held.get(lease.sessionId) === lease) this.held.delete(lease.sessionId);
  }

  /** Computed before the statement is sent: the answer may be late, and the database counts from its execution. */
  private deadline(): number {
    return performance.now() + this.times.durationMs - this.times.safetyMs;
  }

  private async query<Result>(run: () => Promise<Result>): Promise<Result> {
    try {
      const result = await run();
      this.answeredSinceMs ??= performance.now();
      return result;
    } catch (err) {
      this.answeredSinceMs = undefined;
      throw err;
    }
  }
}
