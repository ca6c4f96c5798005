import { runCommandLine, UsageError, wholeNumber } from "@syszap/testing/command-line";
import { type Benchmark, type BenchmarkOptions, type BenchmarkResult, optionNames } from "./harness/benchmark.ts";
import { toJson, toTable } from "./harness/report.ts";
import { benchmarks } from "./registry.ts";

const log = (line: string) => process.stderr.write(`${line}\n`);
const usage = `Usage: npm run bench -- [BENCHMARK …] [options]

Benchmarks, all of them by default:
${benchmarks.map(({ name, about }) => `  ${name.padEnd(14)}${about}`).join("\n")}

Options:
  --json   print the result of each benchmark as one JSON object
  ${optionNames.map((name) => `--${name} N`).join(", ")}
           make a run smaller, where a benchmark knows the option`;
const text = { type: "string" } as const;
const options = {
  json: { type: "boolean" },
  sessions: text,
  clients: text,
  companies: text,
  messages: text,
  seconds: text,
  rounds: text,
} as const;

await runCommandLine({ args: process.argv.slice(2), options, usage }, async ({ values, positionals }) => {
  const sizes: BenchmarkOptions = {};
  for (const name of optionNames) if (values[name] !== undefined) sizes[name] = wholeNumber(name, values[name], 1);
  const unknown = positionals.find((name) => !benchmarks.some((each) => each.name === name));
  if (unknown !== undefined) throw new UsageError(`Unknown benchmark "${unknown}".`);
  const chosen = positionals.length === 0 ? benchmarks : benchmarks.filter(({ name }) => positionals.includes(name));
  for (const benchmark of chosen) {
    const result = await measure(benchmark, sizes);
    process.stdout.write(`${values.json === true ? toJson(benchmark, result) : toTable(benchmark, result)}\n`);
  }
});

async function measure(benchmark: Benchmark, options: BenchmarkOptions): Promise<BenchmarkResult> {
  const closers: (() => Promise<unknown>)[] = [];
  try {
    return await benchmark.run({ log, onEnd: (close) => closers.push(close), options });
  } finally {
    for (const close of closers.toReversed())
      await close().catch((err: unknown) => log(`Cleanup failed: ${String(err)}`));
  }
}
