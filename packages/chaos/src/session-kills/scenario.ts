import type { Scenario, ScenarioRun } from "../framework/scenario.ts";
import { openTestEnvironment } from "./environment/test-environment.ts";
import type { FaultKind } from "./faults/plan.ts";
import { type Recovery, recoveryTable } from "./round/recovery.ts";
import { Round } from "./round/round.ts";

const defaultKills = 20;
const manyKills = 10;

/** `size` is the number of killed processes per seed. */
export const sessionKills: Scenario = {
  name: "session-kills",
  about:
    "Engines, browsers, renderers and connectors are killed while messages are exchanged. No message is lost or duplicated; no process and no lock remains.",
  open: async ({ log, size }): Promise<ScenarioRun> => {
    const kills = size ?? defaultKills;
    const environment = await openTestEnvironment();
    const hits: Partial<Record<FaultKind, number>> = {};
    const recoveries: Recovery[] = [];
    return {
      runSeed: async (seed) => {
        const round = await Round.open(environment, { seed, kills, phones: kills < manyKills ? 2 : 3, log });
        const result = await round.run();
        for (const kind of Object.keys(result.hits) as FaultKind[])
          hits[kind] = (hits[kind] ?? 0) + (result.hits[kind] ?? 0);
        recoveries.push(...result.recoveries);
        return { ...result, counts: { ...result.counts, ...result.consumer } };
      },
      close: async () => {
        await environment.close();
        log(`\n${recoveryTable(hits, recoveries)}\n`);
        return [];
      },
    };
  },
};
