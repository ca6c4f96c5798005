import { parseArgs } from "node:util";
import { playSeeds } from "./play.ts";
import { scenarios } from "./registry.ts";

const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { seeds: { type: "string", default: "1" }, seed: { type: "string" }, size: { type: "string" } },
  });
  const unknown = positionals.find((name) => !scenarios.some((each) => each.name === name));
  if (unknown !== undefined) throw new Error(`There is no scenario "${unknown}". ${usage()}`);
  const seeds = values.seed === undefined ? range(whole("--seeds", values.seeds)) : [whole("--seed", values.seed)];
  const size = values.size === undefined ? undefined : whole("--size", values.size);
  const chosen = positionals.length === 0 ? scenarios : scenarios.filter(({ name }) => positionals.includes(name));
  const lines: string[] = [];
  for (const scenario of chosen) {
    const { violations, counts } = await playSeeds(scenario, seeds, { say, size });
    for (const violation of violations) say(`  ${violation}`);
    if (violations.length > 0) process.exitCode = 1;
    const counted = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
    lines.push([`${scenario.name}: ${seeds.length} seeds, ${violations.length} violations`, ...counted].join(", "));
  }
  say(`\n${lines.join("\n")}`);
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

function whole(option: string, value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new Error(`${option} takes a whole number, not "${value}". ${usage()}`);
}

const usage = () =>
  `Usage: npm run chaos -- [${scenarios.map(({ name }) => name).join(" | ")}] [--seeds 50 | --seed N] [--size N]`;

await main(process.argv.slice(2)).catch((err: unknown) => {
  process.stderr.write(`${err instanceof Error ? (err.stack ?? err.message) : String(err)}\n`);
  process.exitCode = 1;
});
// Left to itself, Node 20 now and then turns for ever while it takes down sockets that were reset.
process.stdout.write("", () => process.exit());
