import { queues, workerSettings } from "@syszap/contracts";
import type { Database, OutgoingMessage } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { Worker } from "bullmq";
import type { Redis } from "ioredis";
import { type Backoff, delayBefore, pause, within } from "./backoff.ts";
import { Coalesced } from "./coalesced.ts";
import { type Engine, SendError } from "./engines/engine.ts";
import type { Lease } from "./lease.ts";
import type { ConnectorMetrics } from "./metrics.ts";

export interface OutboundTimes {
  /** Between two messages of a phone. */
  minimumGapMs: number;
  retry: Backoff;
  /** After so many the person who wrote it must decide. */
  maxAttempts: number;
  sendTimeoutMs: number;
}
export const outboundTimes: OutboundTimes = {
  minimumGapMs: 250,
  retry: { firstMs: 1_000, mostMs: 60_000 },
  maxAttempts: 12,
  sendTimeoutMs: 60_000,
};
const clockMarginMs = 5;
const lookAgainMs = 50;

export interface OutboundDependencies {
  database: Database;
  /** Has the role "queue-worker"; all sessions share it, each worker adds one blocking connection of its own. */
  queueRedis: Redis;
  times: OutboundTimes;
  metrics: ConnectorMetrics;
  log: Logger;
}

/** Sends a session's queued messages while it is connected: oldest first, one at a time; none passes another. */
export class Outbound {
  private worker: Worker | undefined;
  private readonly draining = new Coalesced(() => this.drain());
  private timer: NodeJS.Timeout | undefined;
  private paused = new AbortController();

  constructor(
    private readonly lease: Lease,
    private readonly engine: () => Engine,
    private readonly given: OutboundDependencies,
  ) {
    this.paused.abort();
  }

  /** The session is connected. Begins with what was queued while nobody could send it. */
  start(): void {
    if (!this.paused.signal.aborted) return;
    this.paused = new AbortController();
    const { queueRedis, log } = this.given;
    this.worker = new Worker(queues.outboundMessages(this.lease.sessionId), async () => this.ring(), {
      connection: queueRedis,
      ...workerSettings,
    });
    this.worker.on("error", (err) => log.debug({ err }, "outbound worker lost its connection"));
    this.ring();
  }

  /** The session is not connected. Resolves when nothing is being sent any more. */
  async pause(): Promise<void> {
    this.paused.abort();
    clearTimeout(this.timer);
    const { worker } = this;
    this.worker = undefined;
    await Promise.all([worker?.close(true), this.draining.idle()]);
  }

  /** There may be something to send. */
  ring(): void {
    if (this.paused.signal.aborted) return;
    clearTimeout(this.timer);
    void this.draining.request();
  }

  private async drain(): Promise<void> {
    try {
      await this.sendAll();
    } catch (err) {
      this.given.log.warn({ err, sessionId: this.lease.sessionId }, "outbound queue not read, it will be tried again");
      this.ringAfter(delayBefore(2, this.given.times.retry));
    }
  }

  private async sendAll(): Promise<void> {
    const { companyId, sessionId, generation } = this.lease;
    while (this.mayGoOn) {
      const { next, nextAt } = await this.given.database.withCompany(companyId, async ({ messages }) => {
        const claimed = await messages.claimNextQueued({ sessionId, generation });
        return { next: claimed, nextAt: claimed ? undefined : await messages.nextAttemptAt(sessionId) };
      });
      if (!next) {
        // Due already, but not ours to claim just now: it became due between the two questions, or the lease is gone.
        if (nextAt) this.ringAfter(Math.max(nextAt.getTime() - Date.now() + clockMarginMs, lookAgainMs));
        return;
      }
      await this.deliver(next);
      await pause(this.given.times.minimumGapMs, this.paused.signal);
    }
  }

  private async deliver(message: OutgoingMessage): Promise<void> {
    const { times, log } = this.given;
    try {
      await within(times.sendTimeoutMs, "sending", this.attempt(message));
    } catch (err) {
      const isPermanent = err instanceof SendError && err.kind === "permanent";
      const reason = err instanceof Error ? err.message : "WhatsApp did not take the message";
      if (isPermanent || message.attempts >= times.maxAttempts) return this.record(message, "failed", reason);
      log.warn({ err, messageId: message.id, attempts: message.attempts }, "message not sent yet");
      return this.postpone(message);
    }
    await this.record(message, "sent");
  }

  /** Resolves when WhatsApp has accepted the message, now or at an earlier attempt whose outcome we never heard. */
  private async attempt(message: OutgoingMessage): Promise<void> {
    if (message.attempts > 1) {
      const fate = await this.engine().find(message.waChatId, message.waKey);
      if (fate === "accepted") return;
      if (fate === "pending") throw new SendError("WhatsApp has not acknowledged it yet", "transient");
    }
    if (!this.mayGoOn) throw new SendError("the session is stopping", "transient");
    const { waKey, waChatId, body } = message;
    await this.engine().send({ waKey, waChatId, body });
  }

  private async record(message: OutgoingMessage, status: "sent" | "failed", reason?: string): Promise<void> {
    this.given.metrics.sends.inc({ outcome: status });
    const key = { sessionId: message.sessionId, direction: 1 as const, waKey: message.waKey };
    await this.given.database.withCompany(this.lease.companyId, async (unit) => {
      const changed = await unit.messages.advanceStatus(key, status, { reason });
      if (changed && changed !== "absent") unit.emit.messageStatus(changed);
    });
  }

  private async postpone(message: OutgoingMessage): Promise<void> {
    const { times, metrics, database } = this.given;
    metrics.sends.inc({ outcome: "postponed" });
    const { companyId, sessionId, generation } = this.lease;
    const retryAfterMs = delayBefore(message.attempts, times.retry);
    await database.withCompany(companyId, (unit) =>
      unit.messages.postponeQueued({ id: message.id, sessionId, generation }, retryAfterMs),
    );
  }

  private ringAfter(delayMs: number): void {
    clearTimeout(this.timer);
    if (!this.paused.signal.aborted) this.timer = setTimeout(() => this.ring(), delayMs);
  }

  private get mayGoOn(): boolean {
    return !this.paused.signal.aborted && this.lease.mayAct;
  }
}
