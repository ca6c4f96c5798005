import type { Outcome, Scenario, ScenarioContext } from "./scenario.ts";

/** Runs all seeds, even after a failed one, and always stops the processes of the scenario. */
export async function runSeeds(
  scenario: Scenario,
  seeds: readonly number[],
  context: ScenarioContext,
): Promise<Outcome> {
  const total: Outcome = { violations: [], counts: {} };
  const run = await scenario.open(context);
  try {
    for (const seed of seeds) {
      const startedAt = performance.now();
      const { violations, counts } = await run.runSeed(seed);
      total.violations.push(...violations.map((violation) => `seed ${seed}: ${violation}`));
      for (const [name, count] of Object.entries(counts)) total.counts[name] = (total.counts[name] ?? 0) + count;
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
      context.log(`${scenario.name} seed ${seed}: ${violations.length} violations, ${seconds} s`);
      for (const violation of violations) context.log(`  ${violation}`);
    }
  } finally {
    total.violations.push(...(await run.close()));
  }
  return total;
}
