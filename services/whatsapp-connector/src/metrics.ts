import type { SessionDetail } from "@syszap/contracts";
import type { ConnectorState, SessionHealth } from "@syszap/database";
import { delayBuckets, type Metrics } from "@syszap/platform";

/** Metrics of this service. Call once per process. */
export function createConnectorMetrics(metrics: Metrics) {
  return {
    facts: metrics.counter("connector_facts_total", "Facts that engines reported", ["kind"]),
    factsSkipped: metrics.counter("connector_facts_skipped_total", "Facts about groups, statuses and newsletters", [
      "reason",
    ]),
    factsRefused: metrics.counter("connector_facts_refused_total", "Facts that match no job schema", ["kind"]),
    factsDropped: metrics.counter(
      "connector_facts_dropped_total",
      "Facts dropped for lack of room; they are fetched again",
    ),
    factsRepeated: metrics.counter(
      "connector_facts_repeated_total",
      "Facts that were reported again while spooled or shortly after they were stored",
    ),
    spoolRehanded: metrics.counter(
      "connector_spool_rehanded_total",
      "Facts forwarded again because an earlier process or the queue lost them",
    ),
    spoolTorn: metrics.counter("connector_spool_torn_total", "Spool files whose incomplete last record was cut off"),
    unknownPayloads: metrics.counter("connector_unknown_payloads_total", "WhatsApp payloads of unknown shape", [
      ...["kind", "shape"],
    ]),
    media: metrics.counter("connector_media_total", "Files of messages, by outcome", ["outcome"]),
    mediaBytes: metrics.counter("connector_media_bytes_total", "Bytes of stored files"),
    stages: metrics.histogram(
      "connector_message_stage_seconds",
      "Delay of messages by stage: from WhatsApp's time to the connector, from there to the queue; without history",
      ["stage"],
      delayBuckets,
    ),
    jobs: metrics.counter("connector_jobs_enqueued_total", "Jobs added to the inbound queue", ["name"]),
    sends: metrics.counter("connector_sends_total", "Attempts to send a message, by outcome", ["outcome"]),
    held: metrics.counter(
      "connector_sending_held_total",
      "Times that sending was held back, by cause; none: sending continued",
      ["cause"],
    ),
    handedOver: metrics.counter(
      "connector_sessions_handed_over_total",
      "Sessions handed over to another connector, by a drain or a move",
    ),
    restarts: metrics.counter("connector_engine_restarts_total", "Engine restarts after a failure"),
  };
}
export type ConnectorMetrics = ReturnType<typeof createConnectorMetrics>;

/** Registers gauges of the inbound spool; they are read at each scrape. */
export function reportSpool(
  metrics: Metrics,
  spool: { records: number; bytes: number; oldestAtMs: number | undefined },
  limitBytes: number,
): void {
  const gauge = (name: string, help: string, read: () => number) =>
    metrics.gauge(name, help, {
      collect() {
        this.set(read());
      },
    });
  gauge("connector_spool_records", "Facts that are not known to be stored yet", () => spool.records);
  gauge("connector_spool_bytes", "Size of the spool's files", () => spool.bytes);
  gauge("connector_spool_limit_bytes", "Size above which facts are dropped", () => limitBytes);
  gauge(
    "connector_spool_oldest_age_seconds",
    "Age of the oldest fact that is not known to be stored yet; 0: none",
    () => (spool.oldestAtMs === undefined ? 0 : (Date.now() - spool.oldestAtMs) / 1_000),
  );
}

const states: readonly ConnectorState[] = ["active", "cordoned", "draining"];

/** Registers gauges of the connector itself and of the sessions that no connector holds; they are read at each scrape. */
export function reportConnector(
  metrics: Metrics,
  connector: { state: () => ConnectorState; unclaimed: () => Promise<number> },
): void {
  metrics.gauge("connector_state", "1 for the connector's state", {
    labels: ["state"],
    collect() {
      for (const state of states) this.set({ state }, state === connector.state() ? 1 : 0);
    },
  });
  metrics.gauge(
    "connector_sessions_unclaimed",
    "Sessions that should run and that no connector holds; equal at all connectors",
    {
      async collect() {
        this.set(await connector.unclaimed().catch(() => Number.NaN)); // without Postgres
      },
    },
  );
}

interface ReportedSession {
  sessionId: string;
  detail: SessionDetail;
  factsUnderWay: number;
  health: SessionHealth;
}

/**
 * Registers gauges of the sessions that run here; they are read at each scrape. There is no series per session: `/sessions` on the
 * operations port lists each one.
 */
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
  gauge("connector_session_restarts", "Highest number of engine restarts of one session since its claim", (health) =>
    Math.max(0, ...health.map(({ restarts }) => restarts)),
  );
  gauge("connector_sessions_memory_bytes", "Memory of the processes of all engines", (health) =>
    health.reduce((sum, each) => sum + memoryOf(each), 0),
  );
  gauge("connector_session_memory_bytes", "Memory of the processes of the largest engine", (health) =>
    Math.max(0, ...health.map(memoryOf)),
  );
  gauge(
    "connector_session_last_event_age_seconds",
    "Time since the last event of the engine that has been silent for longest",
    (health) =>
      Math.max(0, ...health.map(({ lastEventAt }) => (lastEventAt ? (Date.now() - lastEventAt.getTime()) / 1_000 : 0))),
  );
}
