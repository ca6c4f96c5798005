import type { CompanyUnit, Database } from "@syszap/database";
import { percentile } from "../../harness/benchmark.ts";

/** What people ask, asked as they ask it: `ask` is one call of a repository, `time` of which is measured. */
export interface ReadQuery {
  kind: string;
  ask(unit: CompanyUnit): Promise<{ next: string | null; items: readonly unknown[] }>;
}

/** Milliseconds of each query, asked in turn; only the repository's call counts, not the transaction options it. */
export async function runAll(
  database: Database,
  companyId: string,
  queries: readonly ReadQuery[],
): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>();
  for (const { kind, ask } of queries) {
    const tookMs = await database.withCompany(companyId, async (unit) => {
      const startedAt = performance.now();
      await ask(unit);
      return performance.now() - startedAt;
    });
    times.set(kind, [...(times.get(kind) ?? []), tookMs]);
  }
  return times;
}

/** A line for each kind, then the 99th percentile of the worst of them. */
export function worstP99(times: Map<string, number[]>, log: (line: string) => void): number {
  const p99s = [...times].map(([kind, values]) => {
    const [p50, p99] = [percentile(values, 50), percentile(values, 99)];
    log(`${kind.padEnd(44)} p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms of ${values.length}`);
    return p99;
  });
  return Math.max(...p99s);
}
