/** How one client comes in: an upgrade request, and what it says before it counts as connected. */
export interface Endpoint {
  port: number;
  path: string;
  headers: Record<string, string>;
  /** Which of the crowd's groups it is counted in. */
  group: number;
}

/** `plain`: each text frame is an event, save short ones. `engine.io`: Socket.IO's own greeting and heartbeat. */
export type WireProtocol = "plain" | "engine.io";

/** What the bench asks the crowd's process. */
export type Command =
  | { kind: "connect"; endpoints: Endpoint[]; wireProtocol: WireProtocol; greetings: number }
  | { kind: "count" }
  | { kind: "listen"; isTimed: boolean }
  | { kind: "latencies" };

/** What it answers; each command has exactly one answer, in command. */
export type Answer =
  | { kind: "connected" }
  | { kind: "counted"; events: number; open: number }
  | { kind: "listening" }
  | { kind: "latencies"; microseconds: number[][] }
  | { kind: "failed"; reason: string };

/** Sent by itself, so that whoever publishes knows how far the crowd has come. */
export interface Progress {
  kind: "progress";
  events: number;
}

/** Stands in an event's text options the time at which it was published: `@<microseconds>@`. */
export const timeMark = "@".charCodeAt(0);

/** Of the monotonic clock that all processes of a machine share. */
export const nowMicroseconds = (): number => Number(process.hrtime.bigint() / 1_000n);
