import { isJobName } from "@syszap/contracts";
import type { Database, PublishDurable } from "@syszap/database";
import { delayBuckets, type Metrics } from "@syszap/platform";
import type { Worker } from "bullmq";
import type { Sweeper } from "./sweeper.ts";

/**
 * Measures the delay of each incoming message in two stages: from WhatsApp's timestamp to the commit, and from the commit to the event
 * log. Wraps `publish`, which is called right after the commit. For a message that the sweep publishes, the sweep counts as the commit.
 */
export function timePublishing(metrics: Metrics, publish: PublishDurable): PublishDurable {
  const stages = metrics.histogram(
    "worker_message_stage_seconds",
    "Delay of messages by stage: from WhatsApp's timestamp to the commit, and from the commit to the event log",
    ["stage"],
    delayBuckets,
  );
  return async (companyId, events) => {
    const storedAtMs = Date.now();
    const messages = events.filter(({ type }) => type === "new_message");
    for (const { data } of messages) {
      const sinceMs = storedAtMs - Date.parse(data.timestamp);
      stages.observe({ stage: "whatsapp_to_stored" }, Math.max(0, sinceMs) / 1_000);
    }
    const result = await publish(companyId, events);
    const tookSeconds = (Date.now() - storedAtMs) / 1_000;
    for (const _ of messages) stages.observe({ stage: "stored_to_published" }, tookSeconds);
    return result;
  };
}

/** Measures how long jobs waited for their first attempt, and counts further attempts. */
export function watchJobs(metrics: Metrics, worker: Worker): void {
  const wait = metrics.histogram(
    "worker_queue_wait_seconds",
    "Time from adding a job to its first attempt",
    ["job"],
    delayBuckets,
  );
  const retries = metrics.counter("worker_job_retries_total", "Attempts of jobs after the first", ["job"]);
  worker.on("active", ({ name, timestamp, attemptsMade }) => {
    const job = isJobName(name) ? name : "unknown"; // an unknown name must not create a new time series
    if (attemptsMade > 0) retries.inc({ job });
    else wait.observe({ job }, Math.max(0, Date.now() - timestamp) / 1_000);
  });
}

/** Reports backlogs, read at each scrape. Every worker reports the same values: aggregate them with max, never with sum. */
export function reportBacklog(metrics: Metrics, { db, sweeper }: { db: Database; sweeper: Sweeper }): void {
  metrics.gauge("worker_queue_jobs", "Jobs in the inbound queue by state", {
    labels: ["state"],
    async collect() {
      const counts = await sweeper.depth().catch(() => ({}));
      for (const [state, count] of Object.entries(counts)) this.set({ state }, count);
    },
  });
  metrics.gauge("worker_queue_oldest_age_seconds", "Age of the longest waiting job; 0 when no job waits", {
    async collect() {
      const oldest = await sweeper.oldestWaitingAt().catch(() => null);
      if (oldest !== null) this.set(ageOf(oldest));
    },
  });
  metrics.gauge("worker_pending_facts", "Facts that wait for their message to be stored", {
    async collect() {
      const count = await db.system.pendingFacts.count().catch(() => undefined);
      if (count !== undefined) this.set(count);
    },
  });
  metrics.gauge("worker_dead_letters", "Open dead letters by queue and state", {
    labels: ["queue", "state"],
    async collect() {
      const open = await db.system.deadLetters.countOpen().catch(() => undefined);
      if (!open) return;
      this.reset();
      for (const { queue, state, count } of open) this.set({ queue, state }, count);
    },
  });
  reportOutbound(metrics, db);
  reportConsumers(metrics, db);
}

function reportConsumers(metrics: Metrics, db: Database): void {
  const consumers = metrics.gauge("worker_consumers", "Consumers of all companies");
  const behind = metrics.gauge(
    "worker_consumers_events_behind",
    "Events that the consumer with the most has not acknowledged",
  );
  metrics.gauge("worker_consumers_oldest_age_seconds", "Age of the oldest event that a consumer has not acknowledged", {
    async collect() {
      const lag = await db.system.eventLog.lag().catch(() => undefined);
      if (!lag) return;
      consumers.set(lag.consumers);
      behind.set(lag.maxEventsBehind);
      this.set(ageOf(lag.oldestUnacknowledgedAt));
    },
  });
}

function reportOutbound(metrics: Metrics, db: Database): void {
  const gauge = (name: string, help: string, read: (waiting: { count: number; oldestAt: Date | null }) => number) =>
    metrics.gauge(name, help, {
      async collect() {
        const waiting = await db.system.outbound.waiting().catch(() => undefined);
        if (waiting) this.set(read(waiting));
      },
    });
  gauge("worker_outbound_queued", "Queued outbound messages of sessions that are not removed", ({ count }) => count);
  gauge(
    "worker_outbound_oldest_age_seconds",
    "Age of the oldest queued outbound message; 0 when there is none",
    ({ oldestAt }) => ageOf(oldestAt),
  );
}

const ageOf = (at: Date | null | undefined) => (at ? Math.max(0, Date.now() - at.getTime()) / 1_000 : 0);
