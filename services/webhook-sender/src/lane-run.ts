import type { Database, DueDelivery, LaneLimits, WebhookLane } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import pLimit, { type LimitFunction } from "p-limit";
import { retryDelayMs } from "./backoff.ts";
import { attempt, type Outcome } from "./http/attempt.ts";
import type { ReceiverClient } from "./http/receiver-client.ts";
import type { SenderMetrics } from "./metrics.ts";

export interface LaneRunOptions {
  lanes: Database["system"]["webhookLanes"];
  client: ReceiverClient;
  /** Semaphore for the requests to all endpoints. */
  requestLimit: LimitFunction;
  metrics: SenderMetrics;
  log: Logger;
  /** Id of this sender in the lease of a lane. */
  holder: string;
  backoffSeconds: readonly number[];
  limits: LaneLimits;
  /** Concurrent requests to one endpoint. */
  concurrency: number;
  /** No attempt starts later than this after the start of the run. */
  maxRunMs: number;
}
/** Maximum number of events in memory per endpoint. */
const batchSize = 20;

/**
 * Sends the due events of one endpoint for a few seconds. Events about the same chat, client or session are sent one after
 * another, all others concurrently; an endpoint with `isOneAtATime` receives one event at a time. A failed event is skipped until its next attempt. After several failures in a row the lane is
 * paused, and then tried with a single event, so that few events overtake a failed one.
 */
export class LaneRun {
  private readonly endsAtMs: number;
  private failures: number;
  private isOver = false;

  constructor(
    private readonly options: LaneRunOptions,
    private readonly lane: WebhookLane,
    private readonly isStopping: () => boolean,
  ) {
    this.endsAtMs = performance.now() + options.maxRunMs;
    this.failures = lane.failures;
  }

  async run(): Promise<void> {
    const { lanes, holder, limits } = this.options;
    try {
      while (this.mayStartAttempt()) {
        const isTrial = this.failures >= limits.pauseAfter;
        const due = await lanes.due(this.lane, holder, isTrial ? 1 : batchSize);
        if (due.length === 0) return;
        await this.sendAll(due);
      }
    } finally {
      await lanes.release(this.lane, holder);
    }
  }

  private mayStartAttempt(): boolean {
    return !this.isOver && !this.isStopping() && performance.now() < this.endsAtMs;
  }

  private async sendAll(due: DueDelivery[]): Promise<void> {
    const { concurrency, requestLimit } = this.options;
    const groupLimit = pLimit(concurrency);
    const sendGroup = async (group: DueDelivery[]) => {
      for (const delivery of group) await requestLimit(() => this.send(delivery));
    };
    if (this.lane.isOneAtATime) return this.sendInOrder(due);
    const results = await Promise.allSettled(groupByOrderKey(due).map((group) => groupLimit(sendGroup, group)));
    const failed = results.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  }

  /** Stops at the first event that is not delivered: the next batch begins with it when it is due. */
  private async sendInOrder(due: DueDelivery[]): Promise<void> {
    for (const delivery of due) {
      const isDelivered = await this.options.requestLimit(() => this.send(delivery));
      if (!isDelivered) return;
    }
  }

  /** Resolves with true when the receiver has accepted the event. */
  private async send(delivery: DueDelivery): Promise<boolean> {
    if (!this.mayStartAttempt()) return false;
    const { metrics, client } = this.options;
    const stopTimer = metrics.duration.startTimer();
    const outcome = await attempt(client, this.lane, delivery);
    stopTimer();
    try {
      await this.record(delivery, outcome);
    } catch (err) {
      this.isOver = true; // An event whose outcome is not recorded is sent again: limit the number of duplicates.
      throw err;
    }
    return outcome.isDelivered;
  }

  private async record(delivery: DueDelivery, outcome: Outcome): Promise<void> {
    const { lanes, metrics, limits, backoffSeconds, log } = this.options;
    if (outcome.isDelivered) {
      this.failures = 0;
      await lanes.delivered(this.lane, delivery.eventId, outcome.try);
      metrics.attempts.inc({ result: "delivered" });
      return;
    }
    // The receiver wants no events now: this one and those in flight wait, and are sent if somebody enables the endpoint.
    const delayMs = outcome.isGone ? 0 : retryDelayMs(backoffSeconds, delivery.attempts + 1);
    const mustPause = outcome.retryAfterMs !== undefined && [429, 503].includes(outcome.try.status ?? 0);
    const state = await lanes.failed(
      this.lane,
      delivery.eventId,
      {
        try: outcome.try,
        retryInMs: delayMs === undefined ? undefined : Math.max(delayMs, outcome.retryAfterMs ?? 0),
        pauseMs: mustPause ? (outcome.retryAfterMs ?? null) : null,
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

/** Groups events about the same chat, client or session. Keeps the order within a group and of the groups. */
function groupByOrderKey(due: readonly DueDelivery[]): DueDelivery[][] {
  const groups = new Map<string, DueDelivery[]>();
  for (const delivery of due) {
    const group = groups.get(delivery.orderKey);
    if (group) group.push(delivery);
    else groups.set(delivery.orderKey, [delivery]);
  }
  return [...groups.values()];
}
