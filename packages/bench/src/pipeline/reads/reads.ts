import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectDatabase } from "@syszap/database";
import pg from "pg";
import type { Benchmark, BenchmarkContext, Figures } from "../../benchmark.ts";
import { type Ground, openPostgres, openTenant } from "../ground.ts";
import { fill, type Volume } from "./fill.ts";
import { listPages, messagePages, searches } from "./inbox-questions.ts";
import { showPlans } from "./plans.ts";
import { askAll, type Question, worstP99 } from "./questions.ts";

/** One company with most of it, and others beside it in the same tables: together a million messages. */
const volumes: readonly Volume[] = [
  { clients: 20_000, messages: 800_000 },
  ...Array.from({ length: 4 }, () => ({ clients: 2_500, messages: 50_000 })),
];

type ReadGround = Pick<Ground, "urls" | "database" | "postgresLog">;

/** How long pages of messages, lists and searches of the largest company take, among a million messages. */
export const reads = async (ground: ReadGround, { say }: BenchmarkContext): Promise<Figures> => {
  const companyId = await fillAll(ground, say);
  const groups: Record<string, Question[]> = {
    chat_page_p99_ms: await messagePages(ground.database, companyId),
    client_list_p99_ms: await listPages(ground.database, companyId),
    client_search_p99_ms: await searches(ground.database, companyId),
  };
  const figures: Figures = {};
  for (const [figure, questions] of Object.entries(groups)) {
    await askAll(ground.database, companyId, questions.slice(0, 100)); // what nobody asked for yet lies on disk
    figures[figure] = worstP99(await askAll(ground.database, companyId, questions), say);
  }
  await showPlans(ground, { companyId, questions: Object.values(groups).flat(), say });
  return figures;
};

export const readsAlone: Benchmark = {
  name: "reads",
  about: "Pages of a chat, lists and searches of a company with 20,000 clients among 1,000,000 messages, in SQL",
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

/** Answers with the largest company. */
async function fillAll({ database, urls }: ReadGround, say: (line: string) => void): Promise<string> {
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
    say(`Filled in ${seconds} s: ${rows[0]?.messages} messages.`);
    return companies[0] ?? "";
  } finally {
    await owner.end();
  }
}
