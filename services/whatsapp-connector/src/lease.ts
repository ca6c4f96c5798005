import type { EngineName } from "@syszap/contracts";
import { leaseDurationMs, type SessionHealth, type SystemRepositories } from "@syszap/database";
import type { Logger } from "@syszap/platform";

export interface LeaseTimes {
  /** How long a lease lasts without a renewal, by the database's clock. */
  durationMs: number;
  /** So long before its end, counted on our own clock, the holder stops acting. */
  safetyMs: number;
  /** So long Postgres must have answered us before we take what others let expire: when it was away, so was it for them. */
  trustAfterMs: number;
}
const ninth = (durationMs: number) => Math.round(durationMs / 9);
/** Of 45 s: renewed every 5 s, no more acted under in the last 5 s. Any other duration keeps these ratios. */
export const leaseTimes = (durationMs = leaseDurationMs): LeaseTimes => ({
  durationMs,
  safetyMs: ninth(durationMs),
  trustAfterMs: durationMs,
});
/** So that eight renewals may fail before the holder stops acting. */
export const renewEveryMs = (durationMs: number): number => ninth(durationMs);

/** The right to run one session. The database fences what is written under it; `mayAct` fences what is sent to WhatsApp. */
export class Lease {
  readonly companyId: string;
  readonly sessionId: string;
  readonly engine: EngineName;
  readonly generation: number;
  private readonly watchers = new Set<() => void>();

  constructor(
    claimed: { companyId: string; sessionId: string; engine: EngineName; generation: number },
    private deadlineMs: number,
  ) {
    this.companyId = claimed.companyId;
    this.sessionId = claimed.sessionId;
    this.engine = claimed.engine;
    this.generation = claimed.generation;
  }

  /** False from shortly before anybody else could claim it. */
  get mayAct(): boolean {
    return performance.now() < this.deadlineMs;
  }

  /** How long it still lets anybody act; negative once it does not. */
  get remainingMs(): number {
    return this.deadlineMs - performance.now();
  }

  prolong(deadlineMs: number): void {
    this.deadlineMs = Math.max(this.deadlineMs, deadlineMs);
    for (const tell of this.watchers) tell();
  }

  /** It is another one's: nothing may be done under it any more. */
  end(): void {
    this.deadlineMs = Number.NEGATIVE_INFINITY;
    for (const tell of this.watchers) tell();
  }

  /** Calls `tell` whenever `remainingMs` was changed; the answer ends that. */
  onChange(tell: () => void): () => void {
    this.watchers.add(tell);
    return () => this.watchers.delete(tell);
  }
}

export interface Claim {
  lease: Lease;
  /** False: nobody wants the session to run any more; record that it stopped, and release. */
  isWanted: boolean;
}

/** Claims, renews and gives back the leases of one connector. */
export class LeaseKeeper {
  private readonly held = new Map<string, Lease>();
  private answeredSinceMs: number | undefined;

  constructor(
    private readonly leases: SystemRepositories["leases"],
    private readonly connectorId: string,
    private readonly times: LeaseTimes,
    private readonly log: Logger,
  ) {}

  /** `running`: sessions that still run here, perhaps under a lease that has ended; they are not claimed again yet. */
  async claim(limit: number, running: readonly string[]): Promise<Claim[]> {
    const sinceMs = this.answeredSinceMs ?? Number.POSITIVE_INFINITY;
    const deadlineMs = this.deadline();
    const claimed = await this.ask(() =>
      this.leases.claim({
        connectorId: this.connectorId,
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

  /** What should stop: no longer wanted, or not ours any more (then `mayAct` is false). */
  async renew(
    healthOf: (lease: Lease) => SessionHealth | undefined = () => undefined,
  ): Promise<{ unwanted: Lease[]; lost: Lease[] }> {
    const deadlineMs = this.deadline();
    const leases = [...this.held.values()];
    const held = leases.map((lease) => {
      const health = healthOf(lease);
      return { sessionId: lease.sessionId, generation: lease.generation, ...(health && { health }) };
    });
    const { renewed, lost } = await this.ask(() => this.leases.renew(this.connectorId, held, this.times.durationMs));
    const isOf = (lease: Lease) => (other: { sessionId: string; generation: number }) =>
      other.sessionId === lease.sessionId && other.generation === lease.generation;
    for (const lease of leases) {
      if (renewed.some(isOf(lease))) lease.prolong(deadlineMs);
      if (lost.some(isOf(lease))) this.forget(lease);
    }
    return {
      unwanted: leases.filter((lease) => renewed.find(isOf(lease))?.isWanted === false),
      lost: leases.filter((lease) => lost.some(isOf(lease))),
    };
  }

  /** Leases that we could not renew in time. They end here, although the database may not have given them away yet. */
  expire(): Lease[] {
    const expired = [...this.held.values()].filter((lease) => !lease.mayAct);
    for (const lease of expired) this.forget(lease);
    return expired;
  }

  /** Nothing may run under the lease any more. If Postgres does not answer, it runs out by itself. */
  async release(lease: Lease): Promise<void> {
    if (this.held.get(lease.sessionId) !== lease) return;
    this.forget(lease);
    try {
      await this.ask(() => this.leases.release(this.connectorId, lease));
    } catch (err) {
      this.log.warn({ err, sessionId: lease.sessionId }, "lease not given back, it will run out");
    }
  }

  /** Something may still run under the lease: it is not renewed any more, and anybody may claim it once it ran out. */
  abandon(lease: Lease): void {
    this.forget(lease);
  }

  private forget(lease: Lease): void {
    lease.end();
    if (this.held.get(lease.sessionId) === lease) this.held.delete(lease.sessionId);
  }

  /** Counted from before the question is sent: the answer may be late, the database's clock has run since. */
  private deadline(): number {
    return performance.now() + this.times.durationMs - this.times.safetyMs;
  }

  private async ask<Result>(question: () => Promise<Result>): Promise<Result> {
    try {
      const result = await question();
      this.answeredSinceMs ??= performance.now();
      return result;
    } catch (err) {
      this.answeredSinceMs = undefined;
      throw err;
    }
  }
}
