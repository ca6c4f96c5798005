import { wholeCompany } from "@syszap/contracts";
import type { CompanyUnit, Database, OutgoingMessage, SendingRoom, SendOutcome } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";
import type { Lease } from "../lease.ts";
import type { ConnectorMetrics } from "../metrics.ts";
import type { OutboundTimes } from "./times.ts";

interface PacingDependencies {
  database: Database;
  publisher: Publisher;
  times: OutboundTimes;
  metrics: ConnectorMetrics;
  log: Logger;
}

/** The next message, or the time until one may be due. Neither: nothing is due before the next signal. */
export interface Claim {
  message?: OutgoingMessage;
  waitMs?: number | undefined;
}

/** Wait when the lease has expired in the database: its holder may renew it, or another connector may claim it. */
const fencedMs = 1_000;
const noticeExpiresInMs = 60_000;

/** Enforces the send rate and budgets of a session, and publishes what holds messages back. */
export class Pacing {
  private mustPublish = false;

  constructor(
    private readonly lease: Lease,
    private readonly dependencies: PacingDependencies,
  ) {}

  /** Publishes the notice with the next claim even if it is unchanged: an earlier owner may have died before it did. */
  publishNext(): void {
    this.mustPublish = true;
  }

  /** Claims the next message that may be sent now, and counts it against the budgets. */
  async claim(): Promise<Claim> {
    const { database } = this.dependencies;
    const { room, ...claim } = await database.withCompany(this.lease.companyId, (unit) => this.claimIn(unit));
    if (room) await this.publish(room);
    return claim;
  }

  /** Records the end of an attempt. Runs in the transaction that stores the message's outcome. */
  async settled(unit: CompanyUnit, outcome: "sent" | "other" | { failure: string }): Promise<void> {
    const { breaker } = this.dependencies.times;
    const ended: SendOutcome =
      typeof outcome === "string" ? { kind: outcome } : { kind: "failed", reason: outcome.failure, breaker };
    await unit.pacing.recordOutcome(this.lease, ended, this.gapMs());
  }

  private async claimIn(unit: CompanyUnit): Promise<Claim & { room?: SendingRoom }> {
    const { outboundQueue, pacing } = unit;
    const { sessionId } = this.lease;
    const room = await pacing.checkRoom(this.lease, this.dependencies.times.limits);
    if (!room) return { waitMs: fencedMs };
    if (room.waitMs > 0) return { room, waitMs: room.waitMs };
    const message = await outboundQueue.claimNext(this.lease, room);
    if (message) {
      await pacing.recordAttempt(message, this.gapMs());
      return { room, message };
    }
    const nextAt = await outboundQueue.nextAttemptAt(sessionId);
    if (room.isProbe && !nextAt) {
      await pacing.closeIdleBreaker(sessionId);
      return this.claimIn(unit);
    }
    const waits = [room.freesInMs, nextAt && nextAt.getTime() - Date.now()].filter((each) => each !== undefined);
    return { room, waitMs: waits.length > 0 ? Math.min(...waits) : undefined };
  }

  private async publish({ notice, isNoticeNew, remaining }: SendingRoom): Promise<void> {
    const isDue = isNoticeNew || (this.mustPublish && notice.cause !== null);
    this.mustPublish = false;
    if (!isDue) return;
    const { companyId, sessionId, generation } = this.lease;
    const { publisher, metrics, log } = this.dependencies;
    metrics.held.inc({ cause: notice.cause ?? "none" });
    const data = {
      sessionId,
      state: notice.state,
      ...(notice.cause && { cause: notice.cause }),
      remaining,
      resetsAt: notice.resetsAt?.toISOString() ?? null,
      timestamp: new Date().toISOString(),
    };
    await publisher
      .publishEphemeral(
        companyId,
        { type: "session_pacing", audience: wholeCompany, data },
        { expiresInMs: noticeExpiresInMs, fence: { sessionId, generation } },
      )
      .catch((err: unknown) => {
        this.mustPublish = true;
        log.warn({ err }, "pacing notice not published");
      });
  }

  private gapMs(): number {
    const { minimumGapMs, gapJitterMs } = this.dependencies.times;
    return minimumGapMs + Math.random() * gapJitterMs;
  }
}
