import { closeCodes } from "@syszap/contracts";
import type { Limits } from "./admission/limits.ts";
import type { Hub } from "./hub.ts";

/** One timer for all connections: pings, finds dead peers, and ends what its token no longer covers. */
export function watchLiveness(hub: Hub, limits: Limits): { stop: () => void } {
  const timer = setInterval(() => {
    const now = Date.now();
    for (const connection of hub.connections()) {
      if (now >= connection.identity.expiresAt) connection.close(closeCodes.unauthenticated, "the token has ended");
      else if (now - connection.lastHeardAt >= limits.deadAfterMs)
        connection.close(closeCodes.heartbeatMissed, "no answer to pings");
      else if (now - connection.lastPingedAt >= limits.pingEveryMs) connection.ping();
    }
  }, limits.sweepEveryMs).unref();
  return { stop: () => clearInterval(timer) };
}
