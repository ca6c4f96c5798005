import type { Database, OutgoingMessage } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { delayBefore, within } from "../backoff.ts";
import { type Engine, SendError } from "../engines/engine.ts";
import type { Lease } from "../lease.ts";
import type { ConnectorMetrics } from "../metrics.ts";
import type { OutboundTimes } from "./times.ts";

interface Given {
  database: Database;
  times: OutboundTimes;
  metrics: ConnectorMetrics;
  log: Logger;
  engine(): Engine;
  /** False from the moment on from which nothing may be sent any more. */
  mayGoOn(): boolean;
}

/** Brings one claimed message to WhatsApp, and writes down what became of it. */
export class Delivery {
  constructor(
    private readonly lease: Lease,
    private readonly given: Given,
  ) {}

  async deliver(message: OutgoingMessage): Promise<void> {
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
    const { engine, mayGoOn } = this.given;
    if (message.attempts > 1) {
      const fate = await engine().find(message.waChatId, message.waKey);
      if (fate === "accepted") return;
      if (fate === "pending") throw new SendError("WhatsApp has not acknowledged it yet", "transient");
    }
    if (!mayGoOn()) throw new SendError("the session is stopping", "transient");
    const { waKey, waChatId, body } = message;
    await engine().send({ waKey, waChatId, body });
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
}
