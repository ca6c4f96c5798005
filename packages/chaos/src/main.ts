import { runCommandLine, UsageError, wholeNumber } from "@syszap/testing/command-line";
import { runSeeds } from "./framework/run-seeds.ts";
import { scenarios } from "./registry.ts";

const log = (line: string) => process.stdout.write(`${line}\n`);
const usage = `Usage: npm run chaos -- [SCENARIO …] [options]

Scenarios, all of them by default:
${scenarios.map(({ name }) => `  ${name}`).join("\n")}

Options:
  --seeds N   run the seeds 1 to N (default 1)
  --seed N    run only this seed
  --size N    size of a run; its meaning depends on the scenario`;
const options = {
  seeds: { type: "string", default: "1" },
  seed: { type: "string" },
  size: { type: "string" },
} as const;

await runCommandLine({ args: process.argv.slice(2), options, usage }, async ({ values, positionals }) => {
  const unknown = positionals.find((name) => !scenarios.some((each) => each.name === name));
  if (unknown !== undefined) throw new UsageError(`Unknown scenario "${unknown}".`);
  const seeds =
    values.seed === undefined ? range(wholeNumber("seeds", values.seeds)) : [wholeNumber("seed", values.seed)];
  const size = values.size === undefined ? undefined : wholeNumber("size", values.size);
  const chosen = positionals.length === 0 ? scenarios : scenarios.filter(({ name }) => positionals.includes(name));
  const lines: string[] = [];
  for (const scenario of chosen) {
    const { violations, counts } = await runSeeds(scenario, seeds, { log, size });
    for (const violation of violations) log(`  ${violation}`);
    if (violations.length > 0) process.exitCode = 1;
    const counted = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
    lines.push([`${scenario.name}: ${seeds.length} seeds, ${violations.length} violations`, ...counted].join(", "));
  }
  log(`\n${lines.join("\n")}`);
});
// Node 20 sometimes loops forever while it closes sockets that were reset, so the process exits explicitly.
process.stdout.write("", () => process.exit());

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
