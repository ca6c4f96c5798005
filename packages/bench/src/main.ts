import { parseArgs } from "node:util";
import { type Benchmark, type BenchmarkOptions, type BenchmarkResult, optionNames } from "./harness/benchmark.ts";
import { toJson, toTable } from "./harness/report.ts";
import { benchmarks } from "./registry.ts";

const log = (line: string) => process.stderr.write(`${line}\n`);

async function main(args: string[]): Promise<void> {
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: "boolean" }, sessions: text, clients: text, companies: text, seconds: text, rounds: text },
  });
  const options: BenchmarkOptions = {};
  for (const name of optionNames) {
    if (values[name] === undefined) continue;
    options[name] = Number(values[name]);
    if (!(Number.isInteger(options[name]) && options[name] > 0))
      throw new Error(`--${name} must be a positive integer.`);
  }
  const unknown = positionals.find((name) => !benchmarks.some((each) => each.name === name));
  if (unknown !== undefined) throw new Error(`Unknown benchmark "${unknown}". ${usage()}`);
  const chosen = positionals.length === 0 ? benchmarks : benchmarks.filter(({ name }) => positionals.includes(name));
  for (const benchmark of chosen) {
    const result = await measure(benchmark, options);
    process.stdout.write(`${values.json === true ? toJson(benchmark, result) : toTable(benchmark, result)}\n`);
  }
}

async function measure(benchmark: Benchmark, options: BenchmarkOptions): Promise<BenchmarkResult> {
  const closers: (() => Promise<unknown>)[] = [];
  try {
    return await benchmark.run({ log, onEnd: (close) => closers.push(close), options });
  } finally {
    for (const close of closers.toReversed())
      await close().catch((err: unknown) => log(`Cleanup failed: ${String(err)}`));
  }
}

const usage = () =>
  `Choose from: ${benchmarks.map(({ name }) => name).join(", ")}. With --json, the last line is one JSON object.`;

await main(process.argv.slice(2)).catch((err: unknown) => {
  log(err instanceof Error ? (err.stack ?? err.message) : String(err));
  process.exitCode = 1;
});
