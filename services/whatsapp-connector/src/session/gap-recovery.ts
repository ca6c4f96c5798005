import type { Database, Gap } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { type Backoff, retryUntilAborted } from "@syszap/platform/async";
import type { Engine } from "../engines/contract/engine.ts";
import type { FactForwarder } from "../inbound/fact-forwarder.ts";
import type { Lease } from "../lease.ts";

interface GapRecoveryDependencies {
  database: Database;
  forwarder: FactForwarder;
  engine: () => Engine;
  /** How far before the newest stored message, or before the loss of the connection, the engine reads again. */
  overlapMs: number;
  retry: Backoff;
  log: Logger;
}

/** Changes of messages up to this age are read again. */
const changesForMs = 86_400_000;

/**
 * Fetches facts again that may have been missed. The start of the gap is stored in Postgres before newer facts are, and
 * cleared when all facts of the gap are in the spool. The next owner of the session continues an interrupted recovery.
 */
export class GapRecovery {
  private sinceMs: number | undefined;
  private isConnected = false;
  private work: Promise<void> | undefined;
  private readonly closing = new AbortController();

  constructor(
    private readonly lease: Lease,
    private readonly dependencies: GapRecoveryDependencies,
  ) {}

  /**
   * Stores the start of the gap. Must be called before facts are forwarded under this lease. Returns when the phone was linked,
   * or undefined when the session ends first.
   */
  async open(): Promise<{ linkedAt: Date | undefined } | undefined> {
    const opened = await this.repeat(() => this.storeGap());
    return opened && { linkedAt: opened.result.linkedAt ?? undefined };
  }

  /** Called when the connection to WhatsApp is lost: a gap begins. */
  disconnected(): void {
    if (!this.isConnected) return;
    this.isConnected = false;
    this.missed(Date.now() - this.dependencies.overlapMs);
    void this.repeat(() => this.storeGap());
  }

  /** Called when a fact of this time was dropped: the gap begins there at the latest. */
  missed(sinceMs: number): void {
    this.sinceMs = Math.min(this.sinceMs ?? sinceMs, sinceMs);
    this.wake();
  }

  /** Called when the session is connected and `open` has resolved. */
  connected(): void {
    this.isConnected = true;
    this.missed(Date.now() - this.dependencies.overlapMs);
  }

  close(): void {
    this.closing.abort();
  }

  private wake(): void {
    if (!this.isConnected || this.closing.signal.aborted) return;
    this.work ??= this.repeat(() => this.recover()).then(() => {
      this.work = undefined;
      if (this.sinceMs !== undefined) this.wake();
    });
  }

  private async recover(): Promise<void> {
    if (!this.isConnected) return;
    const { engine, forwarder, log } = this.dependencies;
    if (!forwarder.spool.hasMuchRoom) throw new Error("the spool has no room yet");
    const { missedSince, linkedAt } = await this.storeGap();
    this.sinceMs = undefined;
    try {
      const fromMs = missedSince.getTime();
      const changesFromMs = Math.max(fromMs - changesForMs, linkedAt?.getTime() ?? 0);
      await engine().fetchSince(fromMs, Math.min(fromMs, changesFromMs));
      await forwarder.settled();
    } catch (err) {
      this.sinceMs = Math.min(this.sinceMs ?? missedSince.getTime(), missedSince.getTime());
      throw err;
    }
    if (this.sinceMs !== undefined) return; // facts were dropped for lack of room: recover once more
    await this.clearGap();
    log.debug({ missedSince }, "fetched the facts of the gap");
  }

  /** The gap starts at the earliest of: the start known here, the stored start, and the newest stored message. */
  private async storeGap(): Promise<Gap> {
    const { sessionId, generation, companyId } = this.lease;
    const oldestMs = this.dependencies.forwarder.spool.oldestOf(sessionId) ?? Number.POSITIVE_INFINITY;
    const sinceMs = Math.min(this.sinceMs ?? Date.now(), oldestMs);
    const gap = await this.dependencies.database.withCompany(companyId, ({ sessionGaps }) =>
      sessionGaps.open({ sessionId, generation }, { since: new Date(sinceMs), overlapMs: this.dependencies.overlapMs }),
    );
    if (!gap) throw new Error("another connector owns the session");
    return gap;
  }

  private async clearGap(): Promise<void> {
    const { sessionId, generation, companyId } = this.lease;
    await this.dependencies.database.withCompany(companyId, ({ sessionGaps }) =>
      sessionGaps.close({ sessionId, generation }),
    );
  }

  private repeat<Result>(work: () => Promise<Result>): Promise<{ result: Result } | undefined> {
    return retryUntilAborted(work, {
      backoff: this.dependencies.retry,
      signal: this.closing.signal,
      onFailure: (err, retry) => {
        if (retry === 0) this.dependencies.log.warn({ err }, "could not recover the gap yet");
      },
    });
  }
}
