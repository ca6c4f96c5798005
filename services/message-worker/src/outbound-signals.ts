import type { Database, SessionKey } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";
import type { WorkerMetrics } from "./metrics.ts";

interface OutboundSignalsDependencies {
  db: Database;
  publisher: Pick<Publisher, "command">;
  metrics: WorkerMetrics;
  log: Logger;
}

const waitingTooLongMs = 5_000;
const sessionsPerRound = 1_000;

/** Recovers outbound rows whose signal was lost, and rows that no session will ever send. */
export class OutboundSignals {
  /** The last session that the previous round inspected, unless that round reached the end. */
  private last: SessionKey | undefined;

  constructor(private readonly dependencies: OutboundSignalsDependencies) {}

  /**
   * Repeats the `send_queued` command for sessions with rows that have been due for `olderThanMs`. A session that is not
   * connected ignores it and reads its rows when it connects. Each round inspects up to `limit` sessions with queued rows and the next
   * round continues after them, so that every session has its turn.
   */
  async signalWaiting(olderThanMs = waitingTooLongMs, limit = sessionsPerRound): Promise<void> {
    const { db, publisher, metrics } = this.dependencies;
    const round = await db.system.outbound.sessionsWithQueued(olderThanMs, { limit, after: this.last });
    this.last = round.last;
    for (const { companyId, sessionId } of round.sessions) {
      await publisher.command(companyId, { kind: "send_queued", sessionId });
      metrics.outboundSignals.inc();
    }
  }

  /** Fails messages that were queued in a session while it was being removed. */
  async failUnsendable(): Promise<void> {
    const { db, log } = this.dependencies;
    for (const { companyId, sessionId } of await db.system.outbound.removedWithQueued()) {
      const failed = await db.withCompany(companyId, async ({ outboundQueue, emit }) => {
        const unsent = await outboundQueue.failAll(sessionId, "the session was removed");
        for (const message of unsent) emit.messageStatus(message);
        return unsent.length;
      });
      log.warn({ companyId, sessionId, messages: failed }, "failed the queued messages of a removed session");
    }
  }
}
