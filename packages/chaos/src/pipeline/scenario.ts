import { Random } from "@syszap/testing/oracle";
import type { Scenario, Stage } from "../scenario.ts";
import { openGround } from "../session-kills/ground.ts";
import { Round } from "../session-kills/round.ts";
import { type Trouble, troubles } from "./troubles.ts";

const defaultPhones = 2;

/** `size` is how many phones each seed links. */
const pipelineScenario = ({ name, about, happen }: Trouble): Scenario => ({
  name,
  about: `${about} Every message that WhatsApp had is in Postgres once and was told once; every answer reached WhatsApp once and in order.`,
  open: async ({ say, size }): Promise<Stage> => {
    const ground = await openGround();
    return {
      play: async (seed) => {
        const disturb: Parameters<typeof Round.open>[1]["disturb"] = (parts) =>
          happen(ground, parts, new Random(seed ^ 0xfa17));
        const round = await Round.open(ground, { seed, kills: 0, phones: size ?? defaultPhones, say, disturb });
        const { violations, counts } = await round.play();
        return { violations, counts: { messages: counts.messages ?? 0 } };
      },
      close: async () => {
        await ground.close();
        return [];
      },
    };
  },
});

/** One for each trouble. */
export const pipelineScenarios: readonly Scenario[] = troubles.map(pipelineScenario);
