import { execFileSync } from "node:child_process";
import { cpus, release, totalmem } from "node:os";
import type { Benchmark, BenchmarkResult, Figures } from "./benchmark.ts";

const bytesPerGib = 1024 ** 3;

/** Describes the machine, because figures depend on it. */
const machine = () => ({
  cores: cpus().length,
  cpu: cpus()[0]?.model ?? "unknown",
  memoryGib: Math.round(totalmem() / bytesPerGib),
  kernel: release(),
  node: process.versions.node,
  redis: versionOf("redis-server", /v=(\S+)/),
});

/** Formats the result as one line of JSON. */
export const toJson = ({ name }: Benchmark, result: BenchmarkResult): string =>
  JSON.stringify({ bench: name, figures: result.figures, peers: result.peers ?? {}, machine: machine() });

/** Formats the result as a Markdown table with goals and peers. */
export function toTable(benchmark: Benchmark, { figures, peers = {} }: BenchmarkResult): string {
  const names = [...new Set([figures, ...Object.values(peers)].flatMap(Object.keys))];
  const header = ["figure", "sysZap", "goal", ...Object.keys(peers)];
  const rows = names.map((name) => [
    name,
    shown(figures, name),
    benchmark.goals?.[name] ?? "",
    ...Object.values(peers).map((peer) => shown(peer, name)),
  ]);
  const table = [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return [`${benchmark.name}: ${benchmark.about}`, "", ...table].join("\n");
}

function shown(figures: Figures, name: string): string {
  const value = figures[name];
  if (value === undefined) return "";
  return value.toLocaleString("en", { maximumFractionDigits: Math.abs(value) < 10 ? 2 : 0 });
}

function versionOf(command: string, pattern: RegExp): string {
  try {
    return execFileSync(command, ["--version"], { encoding: "utf8" }).match(pattern)?.[1] ?? "unknown";
  } catch {
    return "none";
  }
}
