import { expect, test } from "vitest";
import { playSeeds } from "../src/play.ts";
import { deliveryScenarios } from "../src/registry.ts";

/** Seconds for each seed: one is enough here, `npm run chaos` plays many. */
const slow = new Set(["half-open", "sentinel-failovers", "slow-reader"]);
const patience = { timeout: 90_000 };

test.for(deliveryScenarios.map((scenario) => [scenario.name, scenario] as const))(
  "%s: everybody hears what is theirs, once and in order",
  patience,
  async ([name, scenario]) => {
    const seeds = slow.has(name) ? [1] : [1, 2];
    const { violations, counts } = await playSeeds(scenario, seeds, { say: () => {}, size: undefined });
    expect(violations).toEqual([]);
    expect(counts.deliveries).toBeGreaterThan(100);
  },
);
