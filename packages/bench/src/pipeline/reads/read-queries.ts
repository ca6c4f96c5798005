import type { CompanyUnit, Database } from "@syszap/database";
import { percentile } from "../../harness/benchmark.ts";

/** A query that users trigger. `run` is one call of a repository, whose duration is measured. */
export interface ReadQuery {
  kind: string;
  run(unit: CompanyUnit): Promise<{ next: string | null; items: readonly unknown[] }>;
}

/** Runs the queries one by one and returns their durations in ms by kind, without the surrounding transaction. */
export async function runAll(
  database: Database,
  companyId: string,
  queries: readonly ReadQuery[],
): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>();
  for (const { kind, run } of queries) {
    const tookMs = await database.withCompany(companyId, async (unit) => {
      const startedAt = performance.now();
      await run(unit);
      return performance.now() - startedAt;
    });
    times.set(kind, [...(times.get(kind) ?? []), tookMs]);
  }
  return times;
}

/** Prints one line per kind and returns the worst 99th percentile. */
export function worstP99(times: Map<string, number[]>, log: (line: string) => void): number {
  const p99s = [...times].map(([kind, values]) => {
    const [p50, p99] = [percentile(values, 50), percentile(values, 99)];
    log(`${kind.padEnd(44)} p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms of ${values.length}`);
    return p99;
  });
  return Math.max(...p99s);
}
