import type { Outcome, Scenario, ScenarioContext } from "./scenario.ts";

/** Plays every seed, also after one that failed, and always ends what was started. */
export async function playSeeds(
  scenario: Scenario,
  seeds: readonly number[],
  context: ScenarioContext,
): Promise<Outcome> {
  const total: Outcome = { violations: [], counts: {} };
  const stage = await scenario.open(context);
  try {
    for (const seed of seeds) {
      const startedAt = performance.now();
      const { violations, counts } = await stage.play(seed);
      total.violations.push(...violations.map((violation) => `seed ${seed}: ${violation}`));
      for (const [name, count] of Object.entries(counts)) total.counts[name] = (total.counts[name] ?? 0) + count;
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
      context.say(`${scenario.name} seed ${seed}: ${violations.length} violations, ${seconds} s`);
      for (const violation of violations) context.say(`  ${violation}`);
    }
  } finally {
    total.violations.push(...(await stage.close()));
  }
  return total;
}
