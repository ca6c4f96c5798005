import { closeCodes } from "@syszap/contracts";
import type { Hub } from "./hub.ts";
import type { Limits } from "./limits.ts";
import { spread } from "./spread.ts";

const lookEveryMs = 50;

/** Asks each client to come back elsewhere, at a moment of its own; whoever is still here at the end of the window is closed. */
export async function drain(hub: Hub, limits: Limits): Promise<void> {
  for (const connection of hub.connections())
    connection.send({ type: "reconnect", data: { afterMs: spread(limits.drainSpreadMs) } });
  await emptied(hub, limits.drainWindowMs);
  for (const connection of hub.connections()) connection.close(closeCodes.restarting, "restarting");
  await emptied(hub, 1_000);
}

async function emptied(hub: Hub, withinMs: number): Promise<void> {
  const endsAt = performance.now() + withinMs;
  while (hub.connectionCount > 0 && performance.now() < endsAt)
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
}
