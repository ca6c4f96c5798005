import { queues, ringJobName, ringJobOptions } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import type { WorkerMetrics } from "./metrics.ts";

interface Given {
  db: Database;
  /** Has the role "queue-producer". */
  queueRedis: Redis;
  metrics: WorkerMetrics;
  log: Logger;
}

const waitingTooLongMs = 5_000;
/** A session that runs hears a ring at once, and one that starts looks by itself. */
const unheardAfterMs = 60_000;
const pageSize = 1_000;

/** Heals what was lost between the rows to send and the queues that ring for them: rows without a ring, rings without a row. */
export class OutboundRings {
  constructor(private readonly given: Given) {}

  /** Rings for rows whose job was lost, or whose owner was away. However long nobody hears it, one ring waits. */
  async ringWaiting(olderThanMs = waitingTooLongMs): Promise<void> {
    const { db, metrics } = this.given;
    for (const { companyId, sessionId } of await db.system.outbound.sessionsWithQueued(olderThanMs)) {
      await this.withQueue(sessionId, async (queue) => {
        // Of what was rung while nobody was there to hear it, the one that follows says all.
        if ((await queue.getWaitingCount()) > 1) await queue.drain();
        await queue.add(ringJobName, { companyId, sessionId }, { ...ringJobOptions, jobId: "swept" });
      });
      metrics.rings.inc();
    }
  }

  /** Takes away rings for sessions that have nothing to send, once they are too old to be heard, and all of a removed session's queue. */
  async forgetUnheard(olderThanMs = unheardAfterMs): Promise<void> {
    let after: string | undefined;
    do {
      const page = await this.given.db.system.outbound.quietSessions(after, pageSize);
      after = page.length === pageSize ? page.at(-1)?.sessionId : undefined;
      const kept = await this.whichExist(page.map(({ sessionId }) => sessionId));
      for (const { sessionId, isRemoved } of page)
        if (kept.has(sessionId))
          await this.withQueue(sessionId, (queue) => this.forget(queue, { isRemoved, olderThanMs }));
    } while (after !== undefined);
  }

  /** Gives up what was queued in a session while it was being removed. */
  async failUnsendable(): Promise<void> {
    const { db, log } = this.given;
    for (const { companyId, sessionId } of await db.system.outbound.removedWithQueued()) {
      const failed = await db.withCompany(companyId, async ({ messages, emit }) => {
        const given = await messages.failQueued(sessionId, "the session was removed");
        for (const message of given) emit.messageStatus(message);
        return given.length;
      });
      log.warn({ companyId, sessionId, messages: failed }, "messages of a removed session given up");
    }
  }

  private async forget(queue: Queue, { isRemoved, olderThanMs }: { isRemoved: boolean; olderThanMs: number }) {
    const rings = await queue.getWaitingCount();
    const [oldest] = await queue.getWaiting(0, 0);
    const isUnheard = oldest !== undefined && Date.now() - oldest.timestamp >= olderThanMs;
    if (isUnheard) {
      await queue.drain();
      this.given.metrics.ringsForgotten.inc(rings);
    }
    if (isRemoved && (isUnheard || !oldest)) await queue.obliterate({ force: true });
  }

  /** Asked in one go, since nearly all have nothing: opening a queue for each would cost more than it saves. */
  private async whichExist(sessionIds: string[]): Promise<Set<string>> {
    const pipeline = this.given.queueRedis.pipeline();
    for (const sessionId of sessionIds) {
      const keys = ["meta", "wait"].map((part) => `bull:${queues.outboundMessages(sessionId)}:${part}`);
      pipeline.exists(...keys);
    }
    const answers = (await pipeline.exec()) ?? [];
    return new Set(sessionIds.filter((_, index) => Number(answers[index]?.[1] ?? 0) > 0));
  }

  private async withQueue(sessionId: string, use: (queue: Queue) => Promise<unknown>): Promise<void> {
    const connection = this.given.queueRedis;
    // Without its own settings written, so that what is taken away stays away.
    const queue = new Queue(queues.outboundMessages(sessionId), { connection, skipMetasUpdate: true });
    queue.on("error", () => undefined); // the connection itself says when it is away
    try {
      await use(queue);
    } finally {
      await queue.close();
    }
  }
}
