/** The upgrade request of one client. */
export interface Endpoint {
  port: number;
  path: string;
  headers: Record<string, string>;
  /** Group in which the client's latencies are counted. */
  group: number;
}

/** `plain`: each text frame is an event, except short ones. `engine.io`: with Socket.IO's greeting and heartbeat. */
export type WireProtocol = "plain" | "engine.io";

/** Commands to the pool's process. */
export type Command =
  | { kind: "connect"; endpoints: Endpoint[]; wireProtocol: WireProtocol; greetings: number }
  | { kind: "count" }
  | { kind: "listen"; isTimed: boolean }
  | { kind: "latencies" };

/** Answers of the process. Each command has exactly one answer; answers are in the order of the commands. */
export type Answer =
  | { kind: "connected" }
  | ({ kind: "counted"; open: number } & Received)
  | { kind: "listening" }
  | { kind: "latencies"; microseconds: number[][] }
  | { kind: "failed"; reason: string };

/** Totals of all clients. */
export interface Received {
  events: number;
  /** Of the events, without the headers of their frames. */
  bytes: number;
  /** Number of `resync` frames. */
  resyncs: number;
  /** Number of clients that resumed and were welcomed with `recovered: false`. */
  notRecovered: number;
}

/** Sent regularly, so that the publisher knows how many events have arrived. */
export interface Progress {
  kind: "progress";
  events: number;
}

/** Delimiter of the publishing time in an event's text: `@<microseconds>@`. */
export const timeMark = "@".charCodeAt(0);

/** Time of the monotonic clock, which all processes of a machine share. */
export const nowMicroseconds = (): number => Number(process.hrtime.bigint() / 1_000n);
