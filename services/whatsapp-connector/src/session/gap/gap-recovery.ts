import type { Database, Gap } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { type Backoff, retryUntilAborted } from "@syszap/platform/async";
import type { Engine } from "../../engines/contract/engine.ts";
import type { Lease } from "../../lease.ts";
import { GapReader, type GapReaderDependencies } from "./gap-reader.ts";

interface GapRecoveryDependencies {
  database: Database;
  spool: GapReaderDependencies["spool"] & { oldestOf(sessionId: string): number | undefined };
  engine: () => Engine;
  store: GapReaderDependencies["store"];
  groupsSince: GapReaderDependencies["groupsSince"];
  /** How far before the newest stored message, or before the loss of the connection, the engine reads again. */
  overlapMs: number;
  retry: Backoff;
  log: Logger;
}

/**
 * Decides when missed messages are fetched. The start of a gap is stored in Postgres before newer facts are, and cleared when all
 * facts of the gap are stored. One gap is read at a time; the next owner of the session continues an interrupted recovery.
 */
export class GapRecovery {
  /** Start of a gap that is not in Postgres yet. */
  private sinceMs: number | undefined;
  private isConnected = false;
  /** Set when there may be a gap that the current work does not know. */
  private isRequested = false;
  private work: Promise<void> | undefined;
  private readonly closing = new AbortController();
  private readonly reader: GapReader;

  constructor(
    private readonly lease: Lease,
    private readonly dependencies: GapRecoveryDependencies,
  ) {
    const { database, engine, spool, store, groupsSince } = dependencies;
    this.reader = new GapReader(lease, { database, engine, spool, store, groupsSince, signal: this.closing.signal });
  }

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

  /** Called when a fact of this time was dropped: a gap begins there at the latest. */
  missed(sinceMs: number): void {
    this.sinceMs = Math.min(this.sinceMs ?? sinceMs, sinceMs);
    this.wake();
  }

  /** Called when the session is connected and `open` has resolved. */
  connected(): void {
    this.isConnected = true;
    this.wake();
  }

  close(): void {
    this.closing.abort();
  }

  private wake(): void {
    this.isRequested = true;
    if (!this.isConnected || this.closing.signal.aborted) return;
    this.work ??= this.repeat(() => this.recover()).then(() => {
      this.work = undefined;
      if (this.isRequested) this.wake();
    });
  }

  /** Reads one gap after the other until nothing is missing or the connection is lost. */
  private async recover(): Promise<void> {
    this.isRequested = false;
    while (this.isConnected && !this.closing.signal.aborted) {
      const gap = this.sinceMs === undefined ? await this.readGap() : await this.storeGap();
      if (gap.missedSince === null) return;
      const isRead = await this.reader.read(gap, () => this.isConnected && this.sinceMs === undefined);
      if (isRead) this.dependencies.log.debug({ missedSince: gap.missedSince }, "stored the facts of the gap");
    }
  }

  /** The gap starts at the earliest of: the start known here, the stored start, and the newest stored message. */
  private async storeGap(): Promise<Gap> {
    const { database, spool, overlapMs } = this.dependencies;
    const known = this.sinceMs;
    const oldestMs = spool.oldestOf(this.lease.sessionId) ?? Number.POSITIVE_INFINITY;
    const since = new Date(Math.min(known ?? Date.now(), oldestMs));
    const gap = await database.withCompany(this.lease.companyId, ({ sessionGaps }) =>
      sessionGaps.open(this.lease, { since, overlapMs }),
    );
    if (this.sinceMs === known) this.sinceMs = undefined;
    return heldGap(gap);
  }

  private async readGap(): Promise<Gap> {
    const { database } = this.dependencies;
    return heldGap(await database.withCompany(this.lease.companyId, ({ sessionGaps }) => sessionGaps.read(this.lease)));
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

function heldGap(gap: Gap | undefined): Gap {
  if (!gap) throw new Error("another connector owns the session");
  return gap;
}
