import { parseArgs } from "node:util";
import type { Benchmark, BenchmarkResult } from "./harness/benchmark.ts";
import { toJson, toTable } from "./harness/report.ts";
import { benchmarks } from "./registry.ts";

const log = (line: string) => process.stderr.write(`${line}\n`);

async function main(args: string[]): Promise<void> {
  const options = { json: { type: "boolean" }, sessions: { type: "string" } } as const;
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
  const sessions = values.sessions === undefined ? undefined : Number(values.sessions);
  if (sessions !== undefined && !(Number.isInteger(sessions) && sessions > 0))
    throw new Error("--sessions must be a positive integer.");
  const unknown = positionals.find((name) => !benchmarks.some((each) => each.name === name));
  if (unknown !== undefined) throw new Error(`Unknown benchmark "${unknown}". ${usage()}`);
  const chosen = positionals.length === 0 ? benchmarks : benchmarks.filter(({ name }) => positionals.includes(name));
  for (const benchmark of chosen) {
    const result = await measure(benchmark, sessions);
    process.stdout.write(`${values.json === true ? toJson(benchmark, result) : toTable(benchmark, result)}\n`);
  }
}

async function measure(benchmark: Benchmark, sessions: number | undefined): Promise<BenchmarkResult> {
  const closers: (() => Promise<unknown>)[] = [];
  try {
    return await benchmark.run({ log, onEnd: (close) => closers.push(close), ...(sessions && { sessions }) });
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
