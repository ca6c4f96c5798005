import type { Database, DueDelivery, LaneLimits, WebhookLane } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { retryDelayMs } from "./backoff.ts";
import { attempt, type Outcome } from "./http/attempt.ts";
import type { ReceiverClient } from "./http/receiver-client.ts";
import type { SenderMetrics } from "./metrics.ts";
import type { Slots } from "./slots.ts";

export interface TurnParts {
  lanes: Database["system"]["webhookLanes"];
  client: ReceiverClient;
  slots: Slots;
  metrics: SenderMetrics;
  log: Logger;
  holder: string;
  backoffSeconds: readonly number[];
  limits: LaneLimits;
  /** Requests to one endpoint at the same time. */
  concurrency: number;
  /** No attempt begins later than this after the turn began. */
  turnMs: number;
}
/** Bodies of this many are in memory at once, for each endpoint. */
const batchSize = 20;

/**
 * Serves one endpoint for some seconds. What is about the same chat, client or session is sent one after the other, the rest side
 * by side. What fails steps aside until its next attempt; an endpoint that fails several times in a row is left alone for a while,
 * and then gets one event to show that it is back, so nothing overtakes much meanwhile.
 */
export class LaneTurn {
  private readonly endsAtMs: number;
  private failures: number;
  private isOver = false;

  constructor(
    private readonly parts: TurnParts,
    private readonly lane: WebhookLane,
    private readonly isStopping: () => boolean,
  ) {
    this.endsAtMs = performance.now() + parts.turnMs;
    this.failures = lane.failures;
  }

  async run(): Promise<void> {
    const { lanes, holder } = this.parts;
    try {
      while (this.mayBegin()) {
        const isOnTrial = this.failures >= this.parts.limits.pauseAfter;
        const due = await lanes.due(this.lane, holder, isOnTrial ? 1 : batchSize);
        if (due.length === 0) return;
        await this.sendAll(due);
      }
    } finally {
      await lanes.release(this.lane, holder);
    }
  }

  private mayBegin(): boolean {
    return !this.isOver && !this.isStopping() && performance.now() < this.endsAtMs;
  }

  private async sendAll(due: DueDelivery[]): Promise<void> {
    const rows = inRows(due);
    const sendRows = async () => {
      for (let row = rows.shift(); row !== undefined; row = rows.shift())
        for (const delivery of row) await this.parts.slots.use(() => this.send(delivery));
    };
    const senders = Array.from({ length: Math.min(this.parts.concurrency, rows.length) }, sendRows);
    const failed = (await Promise.allSettled(senders)).find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  }

  private async send(delivery: DueDelivery): Promise<void> {
    if (!this.mayBegin()) return;
    const { metrics, client } = this.parts;
    const end = metrics.duration.startTimer();
    const outcome = await attempt(client, this.lane, delivery);
    end();
    try {
      await this.settle(delivery, outcome);
    } catch (err) {
      this.isOver = true; // what can't be written down comes again: no more of it than need be
      throw err;
    }
  }

  private async settle(delivery: DueDelivery, outcome: Outcome): Promise<void> {
    const { lanes, metrics, limits, backoffSeconds, log } = this.parts;
    if (outcome.isDelivered) {
      this.failures = 0;
      await lanes.delivered(this.lane, delivery.eventId, outcome.try);
      metrics.attempts.inc({ result: "delivered" });
      return;
    }
    const delayMs = outcome.isGone ? undefined : retryDelayMs(backoffSeconds, delivery.attempts + 1);
    const isAskedToWait = outcome.retryAfterMs !== undefined && [429, 503].includes(outcome.try.status ?? 0);
    const state = await lanes.failed(
      this.lane,
      delivery.eventId,
      {
        try: outcome.try,
        retryInMs: delayMs === undefined ? undefined : Math.max(delayMs, outcome.retryAfterMs ?? 0),
        pauseMs: isAskedToWait ? (outcome.retryAfterMs ?? null) : null,
        isGone: outcome.isGone,
      },
      limits,
    );
    metrics.attempts.inc({ result: delayMs === undefined ? "given_up" : "failed" });
    this.failures = state?.failures ?? 0;
    if (state === undefined || state.isPaused || state.disabledReason !== null) this.isOver = true;
    if (state?.disabledReason) {
      const { companyId, webhookId } = this.lane;
      log.warn({ companyId, webhookId, reason: state.disabledReason }, "webhook endpoint disabled");
    }
  }
}

/** Those about the same thing together, all in their order. */
function inRows(due: readonly DueDelivery[]): DueDelivery[][] {
  const rows = new Map<string, DueDelivery[]>();
  for (const delivery of due) {
    const row = rows.get(delivery.orderKey);
    if (row) row.push(delivery);
    else rows.set(delivery.orderKey, [delivery]);
  }
  return [...rows.values()];
}
