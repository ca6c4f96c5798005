import type { Scenario, Stage } from "../scenario.ts";
import type { FaultKind } from "./faults/plan.ts";
import { openGround } from "./ground.ts";
import { type Recovery, recoveryTable } from "./recovery.ts";
import { Round } from "./round.ts";

const defaultKills = 20;
const manyKills = 10;

/** `size` is how many processes each seed kills. */
export const sessionKills: Scenario = {
  name: "session-kills",
  about:
    "Engines, browsers, their renderers and connectors are killed while customers, agents and phones write: no message is lost or doubled, no process and no lock is left.",
  open: async ({ say, size }): Promise<Stage> => {
    const kills = size ?? defaultKills;
    const ground = await openGround();
    const hits: Partial<Record<FaultKind, number>> = {};
    const recoveries: Recovery[] = [];
    return {
      play: async (seed) => {
        const round = await Round.open(ground, { seed, kills, phones: kills < manyKills ? 2 : 3, say });
        const result = await round.play();
        for (const kind of Object.keys(result.hits) as FaultKind[])
          hits[kind] = (hits[kind] ?? 0) + (result.hits[kind] ?? 0);
        recoveries.push(...result.recoveries);
        return result;
      },
      close: async () => {
        await ground.close();
        say(`\n${recoveryTable(hits, recoveries)}\n`);
        return [];
      },
    };
  },
};
