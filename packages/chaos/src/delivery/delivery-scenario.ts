import type { DeliveryGuarantees } from "@syszap/testing/oracle";
import { Random } from "@syszap/testing/oracle";
import type { Scenario, ScenarioContext } from "../scenario.ts";
import { type Backend, Ground } from "./ground.ts";
import { Scene } from "./scene.ts";

/** One way in which delivery is disturbed. */
export interface Disturbance<Of extends Backend> {
  name: string;
  /** One sentence: what breaks. */
  about: string;
  /** Said where the log may not hold what was missed; else nobody may be told of a hole. */
  guarantees?: Partial<DeliveryGuarantees>;
  openBackend(): Promise<Of>;
  /** How many people in each company; some by default. */
  crowd?: (size: number | undefined) => number;
  /** While publishers talk. Bounded in time; at its end everything that was broken is mended. */
  disturb(scene: Scene, backend: Of, context: ScenarioContext): Promise<void>;
}

/** Each entitled event once and in order to each of many people, or a hole that they are told of, whatever is disturbed meanwhile. */
export const deliveryScenario = <Of extends Backend>(disturbance: Disturbance<Of>): Scenario => ({
  name: disturbance.name,
  about: `${disturbance.about} Everybody hears what is theirs, once and in order${disturbance.guarantees?.mayResync ? ", or is told of the hole" : ""}.`,
  open: async (context) => {
    let random = new Random(0);
    const backend = await disturbance.openBackend();
    const ground = await Ground.open(backend, () => random);
    return {
      play: async (seed) => {
        random = new Random(seed);
        const scene = new Scene(ground, seed, { mayResync: false, mayReplay: false, ...disturbance.guarantees });
        await scene.gather(disturbance.crowd?.(context.size));
        scene.beginTalking();
        await disturbance.disturb(scene, backend, context);
        await scene.fallSilent();
        return scene.judge();
      },
      close: async () => {
        await ground.close();
        await backend.close();
        return [];
      },
    };
  },
});
