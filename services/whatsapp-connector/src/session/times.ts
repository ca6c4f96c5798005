import type { Backoff } from "@syszap/platform/async";
import type { RestartTimes } from "./engine-runner.ts";
import type { LinkingTimes } from "./linking.ts";

export interface SessionTimes extends RestartTimes, LinkingTimes {
  /** Deadline of each shutdown step except the engine's. Their sum must stay below the deadline of the process. */
  graceMs: number;
  /** How far before the newest stored message the engine reads again after each connect. */
  overlapMs: number;
  /** Between attempts to recover a gap. */
  recovery: Backoff;
  typingEndsAfterMs: number;
}
export const sessionTimes: SessionTimes = {
  maxQrCodes: 6,
  maxPairingCodes: 2,
  passkeyMs: 600_000,
  restart: { firstMs: 2_000, maxMs: 60_000 },
  maxRestarts: 6,
  stableAfterMs: 60_000,
  engineStopMs: 7_000,
  graceMs: 2_500,
  logOutMs: 12_000,
  overlapMs: 600_000,
  recovery: { firstMs: 1_000, maxMs: 60_000 },
  typingEndsAfterMs: 10_000,
};
