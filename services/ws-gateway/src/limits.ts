import { maxClientFrameBytes } from "@syszap/contracts";

/** Everything that a stranger could otherwise stretch, and how long things may take. Tests make them smaller. */
export const defaultLimits = {
  connectionsPerAddress: 500,
  connectionsPerUser: 20,
  connectionsPerCompany: 5_000,
  connectionsPerProcess: 20_000,
  /** Upgrades of one address: so many at once, then so many a second. */
  upgradeBurst: 200,
  upgradesPerSecond: 50,
  /** Frames of one connection: so many at once, then so many a second. */
  frameBurst: 30,
  framesPerSecond: 10,
  /** Well-formed frames that nobody understands; a newer page may send some. */
  strangeFrames: 5,
  frameBytes: maxClientFrameBytes,
  /** Of one frame, empty ones too; and pieces that wait to be put together. */
  frameFragments: 32,
  frameChunks: 1_024,
  /** Unsent bytes at which a reader counts as too slow: more than one whole resume. */
  unsentBytes: 4 * 1024 * 1024,
  unsentBytesPerCompany: 64 * 1024 * 1024,
  unsentBytesPerProcess: 256 * 1024 * 1024,
  /** What one company, and all of them, may have waiting to be written; beyond it browsers refetch instead. */
  pendingItems: 5_000,
  pendingBytesPerCompany: 16 * 1024 * 1024,
  pendingBytesPerProcess: 128 * 1024 * 1024,
  /** Above this a refetch is cheaper than a resume. */
  resumeBytes: 2 * 1024 * 1024,
  pingEveryMs: 15_000,
  /** Told to clients as `heartbeatMs`: silence after which either side takes the other for dead. */
  deadAfterMs: 40_000,
  /** How exact the two above are, and the ends of tokens. */
  sweepEveryMs: 100,
  closeGraceMs: 5_000,
  /** Refetches after a loss, and reconnects on leaving, are spread over so long. */
  spreadMs: 2_000,
  drainSpreadMs: 5_000,
  drainWindowMs: 8_000,
  heartbeatEveryMs: 2_000,
  statisticsTickMs: 500,
  /** On leaving: longer than another's turn lasts, so that the last count is told. */
  lastCountWithinMs: 1_400,
  listedConnectionsPerCompany: 200,
} as const satisfies Record<string, number>;
export type Limits = { readonly [Name in keyof typeof defaultLimits]: number };
