import type { SessionDetail } from "@syszap/contracts";
import type { SessionHealth } from "@syszap/database";
import { delayBuckets, type Metrics } from "@syszap/platform";

/** Counters of this service, made once per process. */
export function createConnectorMetrics(metrics: Metrics) {
  return {
    facts: metrics.counter("connector_facts_total", "Facts that engines reported", ["kind"]),
    factsSkipped: metrics.counter("connector_facts_skipped_total", "Facts about groups, statuses and newsletters", [
      "reason",
    ]),
    factsRefused: metrics.counter("connector_facts_refused_total", "Facts that match no job schema", ["kind"]),
    factsDropped: metrics.counter("connector_facts_dropped_total", "Facts over the bound, to be fetched again later"),
    factsRepeated: metrics.counter("connector_facts_repeated_total", "Facts told again while known, or just stored"),
    spoolRehanded: metrics.counter(
      "connector_spool_rehanded_total",
      "Facts handed over again: an earlier process or the queue left them",
    ),
    spoolTorn: metrics.counter(
      "connector_spool_torn_total",
      "Files of the spool whose end was cut off since it was not whole",
    ),
    unknownPayloads: metrics.counter("connector_unknown_payloads_total", "Told by WhatsApp in a shape nobody knows", [
      ...["kind", "shape"],
    ]),
    media: metrics.counter("connector_media_total", "Files of messages, by what became of them", ["outcome"]),
    mediaBytes: metrics.counter("connector_media_bytes_total", "Bytes of files that were stored"),
    stages: metrics.histogram(
      "connector_message_stage_seconds",
      "Delay of messages by stage: from WhatsApp's time to the connector, from there to the queue; history left out",
      ["stage"],
      delayBuckets,
    ),
    jobs: metrics.counter("connector_jobs_enqueued_total", "Jobs handed to the inbound queue", ["name"]),
    sends: metrics.counter("connector_sends_total", "Attempts to send a message", ["outcome"]),
    held: metrics.counter("connector_sending_held_total", "Times that sending was held back; none: went on again", [
      "cause",
    ]),
    restarts: metrics.counter("connector_engine_restarts_total", "Engines started again after a failure"),
  };
}
export type ConnectorMetrics = ReturnType<typeof createConnectorMetrics>;

/** Gauges of the inbound spool, read at each scrape. */
export function reportSpool(
  metrics: Metrics,
  spool: { records: number; bytes: number; oldestAtMs: number | undefined },
): void {
  const gauge = (name: string, help: string, read: () => number) =>
    metrics.gauge(name, help, {
      collect() {
        this.set(read());
      },
    });
  gauge("connector_spool_records", "Facts that are not seen stored yet", () => spool.records);
  gauge("connector_spool_bytes", "Size of the spool's files", () => spool.bytes);
  gauge("connector_spool_oldest_age_seconds", "Age of the oldest fact that is not seen stored yet; 0: none", () =>
    spool.oldestAtMs === undefined ? 0 : (Date.now() - spool.oldestAtMs) / 1_000,
  );
}

interface ReportedSession {
  sessionId: string;
  detail: SessionDetail;
  factsUnderWay: number;
  health: SessionHealth;
}

/** Gauges of what runs here, read at each scrape. No series of one session each: the ops port's `/sessions` tells of each. */
export function reportSessions(metrics: Metrics, report: () => ReportedSession[]): void {
  metrics.gauge("connector_sessions", "Sessions that run here, by state", {
    labels: ["detail"],
    collect() {
      this.reset();
      for (const { detail } of report()) this.inc({ detail });
    },
  });
  metrics.gauge("connector_facts_under_way", "Facts that are not in the queue yet", {
    collect() {
      this.set(report().reduce((sum, session) => sum + session.factsUnderWay, 0));
    },
  });
  const gauge = (name: string, help: string, read: (health: SessionHealth[]) => number) =>
    metrics.gauge(name, help, {
      collect() {
        this.set(read(report().map(({ health }) => health)));
      },
    });
  const memoryOf = ({ memoryBytes }: SessionHealth) => memoryBytes ?? 0;
  gauge("connector_session_restarts", "Most restarts of one session's engine since its claim", (health) =>
    Math.max(0, ...health.map(({ restarts }) => restarts)),
  );
  gauge("connector_sessions_memory_bytes", "Memory of all engines' own processes", (health) =>
    health.reduce((sum, each) => sum + memoryOf(each), 0),
  );
  gauge("connector_session_memory_bytes", "Memory of the largest engine's own processes", (health) =>
    Math.max(0, ...health.map(memoryOf)),
  );
  gauge(
    "connector_session_last_event_age_seconds",
    "Since the engine that is silent for longest said anything",
    (health) =>
      Math.max(0, ...health.map(({ lastEventAt }) => (lastEventAt ? (Date.now() - lastEventAt.getTime()) / 1_000 : 0))),
  );
}
