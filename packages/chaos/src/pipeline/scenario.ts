import { Random } from "@syszap/testing/oracle";
import type { Scenario, ScenarioRun } from "../framework/scenario.ts";
import { openTestEnvironment } from "../session-kills/environment/test-environment.ts";
import { Round } from "../session-kills/round/round.ts";
import { type PipelineFault, pipelineFaults } from "./pipeline-faults.ts";

const defaultPhones = 2;

/** `size` is the number of phones per seed. */
const pipelineScenario = ({ name, about, inject }: PipelineFault): Scenario => ({
  name,
  about: `${about} Every message of WhatsApp is stored once and published once; every answer reaches WhatsApp once and in order; a consumer receives every event in order.`,
  open: async ({ log, size }): Promise<ScenarioRun> => {
    const environment = await openTestEnvironment();
    return {
      runSeed: async (seed) => {
        const injectFaults: Parameters<typeof Round.open>[1]["injectFaults"] = (parts) =>
          inject(environment, parts, new Random(seed ^ 0xfa17));
        const round = await Round.open(environment, {
          seed,
          kills: 0,
          phones: size ?? defaultPhones,
          log,
          injectFaults,
        });
        const { violations, counts, consumer } = await round.run();
        return { violations, counts: { messages: counts.messages ?? 0, ...consumer } };
      },
      close: async () => {
        await environment.close();
        return [];
      },
    };
  },
});

/** One scenario per fault. */
export const pipelineScenarios: readonly Scenario[] = pipelineFaults.map(pipelineScenario);
