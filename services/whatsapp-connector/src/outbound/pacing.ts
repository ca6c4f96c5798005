import { wholeCompany } from "@syszap/contracts";
import type { CompanyUnit, Database, OutgoingMessage, SendingRoom, SendOutcome } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";
import type { Lease } from "../lease.ts";
import type { ConnectorMetrics } from "../metrics.ts";
import type { OutboundTimes } from "./times.ts";

interface Given {
  database: Database;
  publisher: Publisher;
  times: OutboundTimes;
  metrics: ConnectorMetrics;
  log: Logger;
}
/** The next message, or how long to wait before it is worth asking again; neither: until the next signal. */
export interface Claim {
  message?: OutgoingMessage;
  lookInMs?: number | undefined;
}

/** A lease that ran out may be prolonged by its own holder, or be another one's soon: either way, not now. */
const fencedMs = 1_000;
const noticeExpiresInMs = 60_000;

/** Lets a session send no faster than it should, and tells people what is held back. */
export class Pacing {
  private mustTell = false;

  constructor(
    private readonly lease: Lease,
    private readonly given: Given,
  ) {}

  /** What is held back is told again with the next claim: an earlier owner may have died before it could. */
  tellAgain(): void {
    this.mustTell = true;
  }

  /** Claims what may be sent now, and counts it. */
  async claim(): Promise<Claim> {
    const { database } = this.given;
    const { room, ...claim } = await database.withCompany(this.lease.companyId, (unit) => this.claimIn(unit));
    if (room) await this.tell(room);
    return claim;
  }

  /** In the transaction that writes down what became of the message. */
  async settled(unit: CompanyUnit, outcome: "sent" | "other" | { failure: string }): Promise<void> {
    const { breaker } = this.given.times;
    const ended: SendOutcome =
      typeof outcome === "string" ? { kind: outcome } : { kind: "failed", reason: outcome.failure, breaker };
    await unit.pacing.recordOutcome(this.lease, ended, this.gapMs());
  }

  private async claimIn(unit: CompanyUnit): Promise<Claim & { room?: SendingRoom }> {
    const { outboundQueue, pacing } = unit;
    const { sessionId } = this.lease;
    const room = await pacing.checkRoom(this.lease, this.given.times.limits);
    if (!room) return { lookInMs: fencedMs };
    if (room.waitMs > 0) return { room, lookInMs: room.waitMs };
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
    return { room, lookInMs: waits.length > 0 ? Math.min(...waits) : undefined };
  }

  private async tell({ notice, isNoticeNew, remaining }: SendingRoom): Promise<void> {
    const isDue = isNoticeNew || (this.mustTell && notice.cause !== null);
    this.mustTell = false;
    if (!isDue) return;
    const { companyId, sessionId, generation } = this.lease;
    const { publisher, metrics, log } = this.given;
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
        this.mustTell = true;
        log.warn({ err }, "what holds sending back was not told");
      });
  }

  private gapMs(): number {
    const { minimumGapMs, gapJitterMs } = this.given.times;
    return minimumGapMs + Math.random() * gapJitterMs;
  }
}
