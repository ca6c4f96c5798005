import { isJobName } from "@syszap/contracts";
import type { Database, PublishDurable } from "@syszap/database";
import { delayBuckets, type Metrics } from "@syszap/platform";
import type { Worker } from "bullmq";
import type { Sweeper } from "./sweeper.ts";

/**
 * Times the way of each message that came in: WhatsApp's own time to its commit, and from there to the log that browsers follow.
 * Wrapped around publishing, since that begins right after the commit. What only the sweep publishes counts as stored then.
 */
export function timePublishing(metrics: Metrics, publish: PublishDurable): PublishDurable {
  const stages = metrics.histogram(
    "worker_message_stage_seconds",
    "Delay of messages by stage: from WhatsApp's time to the commit, from the commit to the log",
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
    const answer = await publish(companyId, events);
    const tookSeconds = (Date.now() - storedAtMs) / 1_000;
    for (const _ of messages) stages.observe({ stage: "stored_to_published" }, tookSeconds);
    return answer;
  };
}

/** How long jobs waited for a worker, and how often one is tried again. */
export function watchJobs(metrics: Metrics, worker: Worker): void {
  const wait = metrics.histogram(
    "worker_queue_wait_seconds",
    "From adding a job to its first attempt",
    ["job"],
    delayBuckets,
  );
  const retries = metrics.counter("worker_job_retries_total", "Attempts after the first", ["job"]);
  worker.on("active", ({ name, timestamp, attemptsMade }) => {
    const job = isJobName(name) ? name : "unknown"; // names come from outside; metrics must not grow with them
    if (attemptsMade > 0) retries.inc({ job });
    else wait.observe({ job }, Math.max(0, Date.now() - timestamp) / 1_000);
  });
}

/** What waits anywhere, read at each scrape. Every worker tells the same: take the greatest, never the sum. */
export function reportBacklog(metrics: Metrics, { db, sweeper }: { db: Database; sweeper: Sweeper }): void {
  metrics.gauge("worker_queue_jobs", "Jobs in the inbound queue", {
    labels: ["state"],
    async collect() {
      const counts = await sweeper.depth().catch(() => ({}));
      for (const [state, count] of Object.entries(counts)) this.set({ state }, count);
    },
  });
  metrics.gauge("worker_queue_oldest_age_seconds", "Age of the job that waits for longest; 0: none waits", {
    async collect() {
      const oldest = await sweeper.oldestWaitingAt().catch(() => null);
      if (oldest !== null) this.set(ageOf(oldest));
    },
  });
  metrics.gauge("worker_pending_facts", "Facts that wait for their message", {
    async collect() {
      const count = await db.system.pendingFacts.count().catch(() => undefined);
      if (count !== undefined) this.set(count);
    },
  });
  metrics.gauge("worker_dead_letters", "Dead letters that are not closed", {
    labels: ["queue", "state"],
    async collect() {
      const open = await db.system.deadLetters.countOpen().catch(() => undefined);
      if (!open) return;
      this.reset();
      for (const { queue, state, count } of open) this.set({ queue, state }, count);
    },
  });
  reportOutbound(metrics, db);
}

function reportOutbound(metrics: Metrics, db: Database): void {
  const gauge = (name: string, help: string, read: (waiting: { count: number; oldestAt: Date | null }) => number) =>
    metrics.gauge(name, help, {
      async collect() {
        const waiting = await db.system.outbound.waiting().catch(() => undefined);
        if (waiting) this.set(read(waiting));
      },
    });
  gauge("worker_outbound_queued", "Messages that wait to be sent, of sessions that exist", ({ count }) => count);
  gauge("worker_outbound_oldest_age_seconds", "Age of the oldest message to be sent; 0: none", ({ oldestAt }) =>
    ageOf(oldestAt),
  );
}

const ageOf = (at: Date | null | undefined) => (at ? Math.max(0, Date.now() - at.getTime()) / 1_000 : 0);
