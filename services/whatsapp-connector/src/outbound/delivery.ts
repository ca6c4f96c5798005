import { queues } from "@syszap/contracts";
import type { CompanyUnit, Database, OutgoingMessage } from "@syszap/database";
import type { MediaStore } from "@syszap/media-store";
import type { Logger } from "@syszap/platform";
import { backoffDelay, withTimeout } from "@syszap/platform/async";
import { type Engine, SendError, uploadMs } from "../engines/contract/engine.ts";
import type { Lease } from "../lease.ts";
import type { ConnectorMetrics } from "../metrics.ts";
import { Manners } from "./manners.ts";
import { isTyped, orderOf } from "./order.ts";
import type { Pacing } from "./pacing.ts";
import type { OutboundTimes } from "./times.ts";

interface Given {
  database: Database;
  /** Where the files are that are sent. */
  media: Pick<MediaStore, "open">;
  times: OutboundTimes;
  pacing: Pacing;
  metrics: ConnectorMetrics;
  log: Logger;
  engine(): Engine;
  /** False from the moment on from which nothing may be sent any more. */
  mayGoOn(): boolean;
}
type End = { status: "sent" } | { status: "failed"; reason: string; isGivenUp: boolean };

/** Brings one claimed message to WhatsApp, and writes down what became of it. */
export class Delivery {
  private readonly manners: Manners | undefined;

  constructor(
    private readonly lease: Lease,
    private readonly given: Given,
  ) {
    const { manners } = given.times;
    this.manners = manners && new Manners(manners, given);
  }

  /** `signal` aborts when the session is to send no more: what has not gone to WhatsApp yet then stays in the queue. */
  async deliver(message: OutgoingMessage, signal: AbortSignal): Promise<void> {
    const { times } = this.given;
    try {
      // Only before the first attempt: a person does not type the same twice.
      if (message.attempts === 1 && isTyped(message)) await this.manners?.before(message, signal);
      const { payload } = message;
      const withinMs = times.sendTimeoutMs + (payload.kind === "media" ? uploadMs(payload.file.size) : 0);
      await withTimeout(this.attempt(message), { timeoutMs: withinMs, error: "sending" });
    } catch (err) {
      return this.failed(message, err);
    }
    await this.record(message, { status: "sent" });
  }

  /** Resolves when WhatsApp has accepted the message, now or at an earlier attempt whose outcome we never heard. */
  private async attempt(message: OutgoingMessage): Promise<void> {
    const { engine, mayGoOn, media } = this.given;
    const order = orderOf(message, media);
    if (message.attempts > 1) {
      const fate = await engine().find(order);
      if (fate === "accepted") return;
      if (fate === "pending") throw new SendError("WhatsApp has not acknowledged it yet", "transient");
    }
    if (!mayGoOn()) throw new SendError("the session is stopping", "transient");
    await engine().send(order);
  }

  private async failed(message: OutgoingMessage, err: unknown): Promise<void> {
    const { times, log, mayGoOn } = this.given;
    const isPermanent = err instanceof SendError && err.kind === "permanent";
    const reason = reasonOf(err);
    const isGivenUp = !isPermanent && mayGoOn() && message.attempts >= times.maxAttempts;
    if (isPermanent || isGivenUp) return this.record(message, { status: "failed", reason, isGivenUp });
    log.warn({ err, messageId: message.id, attempts: message.attempts }, "message not sent yet");
    await this.postpone(message, reason);
  }

  private async record(message: OutgoingMessage, end: End): Promise<void> {
    this.given.metrics.sends.inc({ outcome: end.status });
    const key = { sessionId: message.sessionId, direction: 1 as const, waKey: message.waKey };
    await this.given.database.withCompany(this.lease.companyId, async (unit) => {
      await this.settle(unit, end.status === "sent" ? "sent" : end.isGivenUp ? { failure: end.reason } : "other");
      const reason = end.status === "failed" ? end.reason : undefined;
      const changed = await unit.messageChanges.advanceStatus(key, end.status, { reason });
      if (!changed || changed === "absent") return;
      unit.emit.messageStatus(changed);
      if (end.status === "sent") await this.applied(unit, message.id);
      if (end.status === "failed" && end.isGivenUp) {
        await unit.deadLetters.add({ ...letterOf(message, end.reason), companyId: unit.companyId });
      }
    });
  }

  /** What was to change another message has changed it now. */
  private async applied({ outboundQueue, emit }: CompanyUnit, id: string): Promise<void> {
    const applied = await outboundQueue.applySent(id);
    if (applied) emit.messageUpdate(applied.message, applied.change);
  }

  private async postpone(message: OutgoingMessage, reason: string): Promise<void> {
    const { times, metrics, database } = this.given;
    metrics.sends.inc({ outcome: "postponed" });
    const { companyId, sessionId, generation } = this.lease;
    const retryAfterMs = backoffDelay(message.attempts, times.retry);
    await database.withCompany(companyId, async (unit) => {
      await this.settle(unit, { failure: reason });
      await unit.outboundQueue.postpone({ id: message.id, sessionId, generation }, retryAfterMs);
    });
  }

  /** What we ended ourselves says nothing about the line. */
  private settle(unit: CompanyUnit, outcome: "sent" | "other" | { failure: string }): Promise<void> {
    const isOurs = typeof outcome === "object" && !this.given.mayGoOn();
    return this.given.pacing.settled(unit, isOurs ? "other" : outcome);
  }
}

/** For what is permanent, the name that pages have a sentence for. */
function reasonOf(err: unknown): string {
  if (err instanceof SendError && err.reason) return err.reason;
  return err instanceof Error ? err.message : "WhatsApp did not take the message";
}

/** Names the row, which keeps all that is needed to send it: what people wrote is nowhere else. */
const letterOf = ({ id, chatId, sessionId, attempts }: OutgoingMessage, reason: string) => ({
  queue: queues.outboundLetters,
  jobName: "send",
  jobId: id,
  reason,
  payloadSummary: `message ${id} in chat ${chatId} of session ${sessionId}`,
  payload: JSON.stringify({ messageId: id, chatId, sessionId }),
  attempts,
  failedAt: new Date(),
});
