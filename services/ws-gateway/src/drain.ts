import { closeCodes } from "@syszap/contracts";
import type { Hub } from "./hub.ts";
import type { Limits } from "./limits.ts";
import { spread } from "./spread.ts";

const pollEveryMs = 50;
/** Time for the last close handshakes. */
const closeWindowMs = 1_000;

/**
 * Asks each client to reconnect to another gateway after its own random delay. Closes the connections that remain at the end
 * of the window.
 */
export async function drain(hub: Hub, limits: Limits): Promise<void> {
  for (const connection of hub.connections())
    connection.send({ type: "reconnect", data: { afterMs: spread(limits.drainSpreadMs) } });
  await emptied(hub, limits.drainWindowMs);
  for (const connection of hub.connections()) connection.close(closeCodes.restarting, "restarting");
  await emptied(hub, closeWindowMs);
}

async function emptied(hub: Hub, withinMs: number): Promise<void> {
  const endsAt = performance.now() + withinMs;
  while (hub.connectionCount > 0 && performance.now() < endsAt)
    await new Promise((resolve) => setTimeout(resolve, pollEveryMs));
}
