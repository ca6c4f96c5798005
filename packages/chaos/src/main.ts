import { parseArgs } from "node:util";
import { runSeeds } from "./framework/run-seeds.ts";
import { scenarios } from "./registry.ts";

const log = (line: string) => process.stdout.write(`${line}\n`);

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { seeds: { type: "string", default: "1" }, seed: { type: "string" }, size: { type: "string" } },
  });
  const unknown = positionals.find((name) => !scenarios.some((each) => each.name === name));
  if (unknown !== undefined) throw new Error(`Unknown scenario "${unknown}". ${usage()}`);
  const seeds = values.seed === undefined ? range(whole("--seeds", values.seeds)) : [whole("--seed", values.seed)];
  const size = values.size === undefined ? undefined : whole("--size", values.size);
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
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

function whole(option: string, value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new Error(`${option} must be a whole number, but is "${value}". ${usage()}`);
}

const usage = () =>
  `Usage: npm run chaos -- [${scenarios.map(({ name }) => name).join(" | ")}] [--seeds 50 | --seed N] [--size N]`;

await main(process.argv.slice(2)).catch((err: unknown) => {
  process.stderr.write(`${err instanceof Error ? (err.stack ?? err.message) : String(err)}\n`);
  process.exitCode = 1;
});
// Node 20 sometimes loops forever while it closes sockets that were reset, so the process exits explicitly.
process.stdout.write("", () => process.exit());
