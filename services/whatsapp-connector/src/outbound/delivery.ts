import { queues } from "@syszap/contracts";
import type { CompanyUnit, Database, OutgoingMessage } from "@syszap/database";
import type { MediaStore } from "@syszap/media-store";
import type { Logger } from "@syszap/platform";
import { backoffDelay, withTimeout } from "@syszap/platform/async";
import { type Engine, SendError, uploadMs } from "../engines/contract/engine.ts";
import type { Lease } from "../lease.ts";
import type { ConnectorMetrics } from "../metrics.ts";
import { HumanPacing } from "./human-pacing.ts";
import { isTyped, toOutboundOperation } from "./outbound-operation.ts";
import type { Pacing } from "./pacing.ts";
import type { OutboundTimes } from "./times.ts";

interface DeliveryDependencies {
  database: Database;
  /** Holds the files that are sent. */
  media: Pick<MediaStore, "open">;
  times: OutboundTimes;
  pacing: Pacing;
  metrics: ConnectorMetrics;
  log: Logger;
  engine(): Engine;
  /** False once the session is stopping; no further sends are allowed. */
  maySend(): boolean;
}

const maxRefusedChats = 10;

type Outcome = { status: "sent" } | { status: "failed"; reason: string; isGivenUp: boolean };

/** Sends one claimed message through the engine and records the outcome. */
export class Delivery {
  private readonly humanPacing: HumanPacing | undefined;
  /** Chats that WhatsApp refused since it accepted a message the last time. */
  private readonly refusedChats = new Set<string>();

  constructor(
    private readonly lease: Lease,
    private readonly dependencies: DeliveryDependencies,
  ) {
    const { humanPacing } = dependencies.times;
    this.humanPacing = humanPacing && new HumanPacing(humanPacing, dependencies);
  }

  /** `signal` aborts when the session must not send any more. A message that was not sent by then stays in the queue. */
  async deliver(message: OutgoingMessage, signal: AbortSignal): Promise<void> {
    const { times } = this.dependencies;
    try {
      // Only before the first attempt: a person does not type the same text twice.
      if (message.attempts === 1 && isTyped(message)) await this.humanPacing?.before(message, signal);
      const { payload } = message;
      const timeoutMs = times.sendTimeoutMs + (payload.kind === "media" ? uploadMs(payload.file.size) : 0);
      await withTimeout(this.attempt(message), { timeoutMs, error: "sending" });
    } catch (err) {
      return this.failed(message, err);
    }
    await this.record(message, { status: "sent" });
  }

  /** Resolves when WhatsApp has accepted the message, now or in an earlier attempt whose outcome is unknown. */
  private async attempt(message: OutgoingMessage): Promise<void> {
    const { engine, maySend, media } = this.dependencies;
    const operation = toOutboundOperation(message, media);
    if (message.attempts > 1) {
      const fate = await engine().find(operation);
      if (fate === "accepted") return;
      if (fate === "pending") throw new SendError("WhatsApp has not acknowledged it yet", "transient");
    }
    if (!maySend()) throw new SendError("the session is stopping", "transient");
    await engine().send(operation);
  }

  private async failed(message: OutgoingMessage, err: unknown): Promise<void> {
    const { times, log, maySend } = this.dependencies;
    const reason = failureReason(err);
    const isOfChat = isRefusalOfChat(err) && this.isWithinFewChats(message.chatId);
    const isFinal = isOfChat
      ? message.attempts >= times.maxAttemptsOfChat
      : err instanceof SendError && err.kind === "permanent";
    const isGivenUp = !isFinal && !isOfChat && maySend() && message.attempts >= times.maxAttempts;
    if (isFinal || isGivenUp) return this.record(message, { status: "failed", reason, isGivenUp });
    log.warn({ err, messageId: message.id, attempts: message.attempts }, "message not sent yet");
    await this.postpone(message, isOfChat ? "other" : { failure: reason });
  }

  /** When WhatsApp refuses many chats and accepts none, the fault is the session's. */
  private isWithinFewChats(chatId: string): boolean {
    this.refusedChats.add(chatId);
    return this.refusedChats.size <= maxRefusedChats;
  }

  private async record(message: OutgoingMessage, outcome: Outcome): Promise<void> {
    this.dependencies.metrics.sends.inc({ outcome: outcome.status });
    if (outcome.status === "sent") this.refusedChats.clear();
    const key = { sessionId: message.sessionId, direction: 1 as const, waKey: message.waKey };
    const isGivenUp = outcome.status === "failed" && outcome.isGivenUp;
    await this.dependencies.database.withCompany(this.lease.companyId, async (unit) => {
      await this.settle(unit, settlementOf(outcome));
      const reason = outcome.status === "failed" ? outcome.reason : undefined;
      const changed = await unit.messageChanges.advanceStatus(key, outcome.status, { reason });
      if (!changed || changed === "absent") return;
      unit.emit.messageStatus(changed);
      if (outcome.status === "sent") await this.applyChange(unit, message.id);
      if (isGivenUp)
        await unit.deadLetters.add({ ...deadLetterOf(message, outcome.reason), companyId: unit.companyId });
    });
  }

  /** Applies a sent edit, deletion or reaction to the message that it changes. */
  private async applyChange({ outboundQueue, emit }: CompanyUnit, id: string): Promise<void> {
    const applied = await outboundQueue.applySent(id);
    if (applied) emit.messageUpdate(applied.message, applied.change);
  }

  private async postpone(message: OutgoingMessage, settlement: Settlement): Promise<void> {
    const { times, metrics, database } = this.dependencies;
    metrics.sends.inc({ outcome: "postponed" });
    const { companyId, sessionId, generation } = this.lease;
    const retryAfterMs = backoffDelay(message.attempts, times.retry);
    await database.withCompany(companyId, async (unit) => {
      await this.settle(unit, settlement);
      await unit.outboundQueue.postpone({ id: message.id, sessionId, generation }, retryAfterMs);
    });
  }

  /** A failure while the session is stopping does not count against the circuit breaker. */
  private settle(unit: CompanyUnit, settlement: Settlement): Promise<void> {
    const isStopping = typeof settlement === "object" && !this.dependencies.maySend();
    return this.dependencies.pacing.settled(unit, isStopping ? "other" : settlement);
  }
}

/** WhatsApp's first answer that a number has no account may be wrong, so such a message is attempted again too. */
const isRefusalOfChat = (err: unknown): boolean =>
  err instanceof SendError && (err.scope === "chat" || err.reason === "no_whatsapp");

/** What pacing counts: a failure of the connection, a success, or neither. */
type Settlement = "sent" | "other" | { failure: string };

function settlementOf(outcome: Outcome): Settlement {
  if (outcome.status === "sent") return "sent";
  return outcome.isGivenUp ? { failure: outcome.reason } : "other";
}

/** Failure code shown to users; permanent failures have a translated message. */
function failureReason(err: unknown): string {
  if (err instanceof SendError && err.reason) return err.reason;
  return err instanceof Error ? err.message : "WhatsApp did not accept the message";
}

/** References the message row. The body is never copied into the dead letter. */
const deadLetterOf = ({ id, chatId, sessionId, attempts }: OutgoingMessage, reason: string) => ({
  queue: queues.outboundLetters,
  jobName: "send",
  jobId: id,
  reason,
  payloadSummary: `message ${id} in chat ${chatId} of session ${sessionId}`,
  payload: JSON.stringify({ messageId: id, chatId, sessionId }),
  attempts,
  failedAt: new Date(),
});
