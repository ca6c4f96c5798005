import { maxClientFrameBytes } from "@syszap/contracts";

/** Limits on what clients may consume, and the timing of the gateway. Tests override them. */
export const defaultLimits = {
  connectionsPerAddress: 500,
  connectionsPerUser: 20,
  connectionsPerCompany: 5_000,
  connectionsPerProcess: 20_000,
  /** Token bucket for the upgrade attempts of one address. */
  upgradeBurst: 200,
  upgradesPerSecond: 50,
  /** Addresses with a token bucket in memory. */
  trackedAddresses: 50_000,
  /** Token bucket for the frames of one connection. */
  frameBurst: 30,
  framesPerSecond: 10,
  /** Reports of a connection about displayed events that come earlier are ignored. */
  shownReportEveryMs: 10_000,
  /** Unknown frames after which a connection is closed. A newer page may send a few. */
  unknownFrames: 5,
  frameBytes: maxClientFrameBytes,
  /** Fragments of one message, including empty ones, and buffered chunks of one message that is still incomplete. */
  frameFragments: 32,
  frameChunks: 1_024,
  /** Unsent bytes of one connection above which it is closed as too slow. */
  unsentBytes: 4 * 1024 * 1024,
  unsentBytesPerCompany: 64 * 1024 * 1024,
  unsentBytesPerProcess: 256 * 1024 * 1024,
  /** Memory of events that wait to be written. Beyond it the waiting events of a company are replaced by a resync. */
  pendingBytesPerCompany: 16 * 1024 * 1024,
  pendingBytesPerProcess: 128 * 1024 * 1024,
  /** Bytes of missed events that are sent with the welcome, and in each further part. */
  resumeFirstBytes: 32 * 1024,
  resumePartBytes: 256 * 1024,
  /** Connections that may read a part at the same time, of the process and of one company. */
  resumesAtOnce: 64,
  resumesAtOncePerCompany: 16,
  /** Time after which a connection frees its slot although its socket did not take the part yet. */
  resumeSlotMs: 500,
  pingEveryMs: 15_000,
  /** Silence after which either side closes the connection; sent to clients as `heartbeatMs`. */
  deadAfterMs: 40_000,
  /** Precision of the two intervals above and of the check for expired tokens. */
  sweepEveryMs: 100,
  closeGraceMs: 5_000,
  /** Windows over which clients spread their refetches after a resync, and their reconnects when the gateway stops. */
  spreadMs: 2_000,
  drainSpreadMs: 5_000,
  /** Time until a stopping gateway closes the connections that are still open. */
  drainWindowMs: 8_000,
  heartbeatEveryMs: 2_000,
  statisticsTickMs: 500,
  /** Time for the last announcement of counts at a stop. Must exceed the duration of another gateway's announcement lock. */
  lastCountWithinMs: 1_400,
  listedConnectionsPerCompany: 200,
} as const satisfies Record<string, number>;
export type Limits = { readonly [Name in keyof typeof defaultLimits]: number };
