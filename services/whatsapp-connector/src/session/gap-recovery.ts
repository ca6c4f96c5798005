import type { Database, Gap } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { type Backoff, retryUntilAborted } from "@syszap/platform/async";
import type { Engine } from "../engines/contract/engine.ts";
import type { HandOver } from "../inbound/hand-over.ts";
import type { Lease } from "../lease.ts";

interface Given {
  database: Database;
  handOver: HandOver;
  engine: () => Engine;
  /** How far behind the newest stored message, or the moment the line was lost, the engine reads again. */
  overlapMs: number;
  retry: Backoff;
  log: Logger;
}

/** How long after it was written what becomes of a message is read again. */
const changesForMs = 86_400_000;

/**
 * Asks WhatsApp again for what nobody may have heard. Since when is written down before anything newer is stored, and forgotten
 * only when all of it is in the spool: whoever runs the session next begins there, however often this is interrupted.
 */
export class GapRecovery {
  private sinceMs: number | undefined;
  private isConnected = false;
  private work: Promise<void> | undefined;
  private readonly closing = new AbortController();

  constructor(
    private readonly lease: Lease,
    private readonly given: Given,
  ) {}

  /** Before anything is told under this lease. Answers when the phone was linked; undefined when the session ends first. */
  async open(): Promise<{ linkedAt: Date | undefined } | undefined> {
    const opened = await this.repeat(() => this.writeDown());
    return opened && { linkedAt: opened.result.linkedAt ?? undefined };
  }

  /** The line is lost; what WhatsApp says from now on nobody hears. */
  disconnected(): void {
    if (!this.isConnected) return;
    this.isConnected = false;
    this.missed(Date.now() - this.given.overlapMs);
    void this.repeat(() => this.writeDown());
  }

  /** Nobody could keep what WhatsApp said of that time. */
  missed(sinceMs: number): void {
    this.sinceMs = Math.min(this.sinceMs ?? sinceMs, sinceMs);
    this.wake();
  }

  /** The line is there, and `open` has answered. */
  connected(): void {
    this.isConnected = true;
    this.missed(Date.now() - this.given.overlapMs);
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
    const { engine, handOver, log } = this.given;
    if (!handOver.spool.hasMuchRoom) throw new Error("the spool has no room for it yet");
    const { missedSince, linkedAt } = await this.writeDown();
    this.sinceMs = undefined;
    try {
      const fromMs = missedSince.getTime();
      const changesFromMs = Math.max(fromMs - changesForMs, linkedAt?.getTime() ?? 0);
      await engine().fetchSince(fromMs, Math.min(fromMs, changesFromMs));
      await handOver.settled();
    } catch (err) {
      this.sinceMs = Math.min(this.sinceMs ?? missedSince.getTime(), missedSince.getTime());
      throw err;
    }
    if (this.sinceMs !== undefined) return; // some of it found no room: once more
    await this.forget();
    log.debug({ missedSince }, "what nobody may have heard was fetched again");
  }

  /** The earliest of what we know of, what an earlier owner wrote down, and the newest that is stored. */
  private async writeDown(): Promise<Gap> {
    const { sessionId, generation, companyId } = this.lease;
    const oldestMs = this.given.handOver.spool.oldestOf(sessionId) ?? Number.POSITIVE_INFINITY;
    const sinceMs = Math.min(this.sinceMs ?? Date.now(), oldestMs);
    const gap = await this.given.database.withCompany(companyId, ({ sessionGaps }) =>
      sessionGaps.open({ sessionId, generation }, { since: new Date(sinceMs), overlapMs: this.given.overlapMs }),
    );
    if (!gap) throw new Error("the session is another connector's");
    return gap;
  }

  private async forget(): Promise<void> {
    const { sessionId, generation, companyId } = this.lease;
    await this.given.database.withCompany(companyId, ({ sessionGaps }) => sessionGaps.close({ sessionId, generation }));
  }

  private repeat<Result>(work: () => Promise<Result>): Promise<{ result: Result } | undefined> {
    return retryUntilAborted(work, {
      backoff: this.given.retry,
      signal: this.closing.signal,
      onFailure: (err, retry) => {
        if (retry === 0) this.given.log.warn({ err }, "what nobody may have heard is not fetched again yet");
      },
    });
  }
}
