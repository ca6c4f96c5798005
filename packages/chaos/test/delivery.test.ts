import { expect, test } from "vitest";
import { runSeeds } from "../src/framework/run-seeds.ts";
import { deliveryScenarios } from "../src/registry.ts";

/** Scenarios that take several seconds per seed and run with one seed here. `npm run chaos` runs many. */
const slow = new Set(["half-open", "sentinel-failovers", "slow-reader"]);
const options = { timeout: 240_000 };

test.for(deliveryScenarios.map((scenario) => [scenario.name, scenario] as const))(
  "%s: each client receives its events once and in order",
  options,
  async ([name, scenario]) => {
    const seeds = slow.has(name) ? [1] : [1, 2];
    const { violations, counts } = await runSeeds(scenario, seeds, { log: () => {}, size: undefined });
    expect(violations).toEqual([]);
    expect(counts.deliveries).toBeGreaterThan(100);
  },
);
