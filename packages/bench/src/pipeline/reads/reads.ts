import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectDatabase } from "@syszap/database";
import pg from "pg";
import type { Benchmark, BenchmarkContext, Figures } from "../../harness/benchmark.ts";
import { openPostgres } from "../../harness/postgres.ts";
import { openTenant, type PipelineEnvironment } from "../environment/pipeline-environment.ts";
import { fill, type Volume } from "./fill.ts";
import { listPages, messagePages, searches } from "./inbox-queries.ts";
import { showPlans } from "./plans.ts";
import { type ReadQuery, runAll, worstP99 } from "./read-queries.ts";

/** One large company and four smaller ones in the same tables, with a million messages in total. */
const volumes: readonly Volume[] = [
  { clients: 20_000, messages: 800_000 },
  ...Array.from({ length: 4 }, () => ({ clients: 2_500, messages: 50_000 })),
];

type ReadEnvironment = Pick<PipelineEnvironment, "urls" | "database" | "postgresLog">;

/** Measures message pages, lists and searches of the largest company among a million messages. */
export const reads = async (environment: ReadEnvironment, { log }: BenchmarkContext): Promise<Figures> => {
  const companyId = await fillAll(environment, log);
  const groups: Record<string, ReadQuery[]> = {
    chat_page_p99_ms: await messagePages(environment.database, companyId),
    client_list_p99_ms: await listPages(environment.database, companyId),
    client_search_p99_ms: await searches(environment.database, companyId),
  };
  const figures: Figures = {};
  for (const [figure, queries] of Object.entries(groups)) {
    await runAll(environment.database, companyId, queries.slice(0, 100));
    figures[figure] = worstP99(await runAll(environment.database, companyId, queries), log);
  }
  await showPlans(environment, { companyId, queries: Object.values(groups).flat(), log });
  return figures;
};

export const readsAlone: Benchmark = {
  name: "reads",
  about: "SQL time of chat pages, lists and searches of a company with 20,000 clients among 1,000,000 messages",
  goals: { chat_page_p99_ms: "≤ 20", client_list_p99_ms: "≤ 20", client_search_p99_ms: "≤ 20" },
  run: async (context) => {
    const folder = await mkdtemp(join(tmpdir(), "syszap-bench-reads-"));
    context.onEnd(() => rm(folder, { recursive: true, force: true }));
    const { urls, postgresLog } = await openPostgres(join(folder, "postgres"), context.onEnd);
    const database = connectDatabase({ ...urls, maxConnections: 4, publish: async () => undefined });
    context.onEnd(() => database.close());
    return { figures: await reads({ urls, postgresLog, database }, context) };
  },
};

/** Resolves with the id of the largest company. */
async function fillAll({ database, urls }: ReadEnvironment, log: (line: string) => void): Promise<string> {
  const owner = new pg.Client({ connectionString: urls.ownerUrl });
  await owner.connect();
  try {
    const companies: string[] = [];
    const startedAt = performance.now();
    for (const volume of volumes) {
      const tenant = await openTenant(database);
      await fill(owner, tenant, volume);
      companies.push(tenant.companyId);
    }
    await owner.query("vacuum (analyze) clients, chats, messages");
    const { rows } = await owner.query<{ messages: string }>("select count(*) as messages from messages");
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    log(`Filled in ${seconds} s: ${rows[0]?.messages} messages.`);
    return companies[0] ?? "";
  } finally {
    await owner.end();
  }
}
