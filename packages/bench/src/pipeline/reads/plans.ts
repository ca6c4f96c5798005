import { readFile } from "node:fs/promises";
import { connectDatabase } from "@syszap/database";
import pg from "pg";
import type { PipelineEnvironment } from "../environment/pipeline-environment.ts";
import { type ReadQuery, runAll } from "./read-queries.ts";

interface Shown {
  companyId: string;
  queries: readonly ReadQuery[];
  log: (line: string) => void;
}
/** Settings that log the plans of all statements, including those inside functions. */
const explained = {
  session_preload_libraries: "auto_explain",
  "auto_explain.log_min_duration": "0",
  "auto_explain.log_analyze": "on",
  "auto_explain.log_buffers": "on",
  "auto_explain.log_timing": "off",
  "auto_explain.log_nested_statements": "on",
};

/** Prints the plan of one query per kind, executed as the role of the services. */
export async function showPlans(
  { urls, postgresLog }: Pick<PipelineEnvironment, "urls" | "postgresLog">,
  { companyId, queries, log }: Shown,
): Promise<void> {
  await explain(urls.ownerUrl);
  const database = connectDatabase({ ...urls, maxConnections: 1, publish: async () => undefined });
  try {
    const oneOfEach = new Map(queries.map((query) => [query.kind, query]));
    for (const [kind, query] of oneOfEach) {
      const before = (await readFile(postgresLog, "utf8")).length;
      await runAll(database, companyId, [query]);
      // Runs another statement, so that the plan before it has been written to the log.
      await database.withCompany(companyId, ({ sessions }) => sessions.list());
      log(`\n${kind}`);
      for (const plan of plansIn((await readFile(postgresLog, "utf8")).slice(before))) log(plan);
    }
  } finally {
    await database.close();
  }
}

async function explain(ownerUrl: string): Promise<void> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    const database = pg.escapeIdentifier(new URL(ownerUrl).pathname.slice(1));
    for (const [name, value] of Object.entries(explained)) {
      await owner.query(`alter role syszap_app in database ${database} set ${name} = ${pg.escapeLiteral(value)}`);
    }
  } finally {
    await owner.end();
  }
}

/** Extracts the plans of inbox statements from the log, without the statements. */
const plansIn = (log: string): string[] =>
  log
    .split(/^(?=\S)/m)
    .filter((entry) => /duration: [\d.]+ ms +plan:/.test(entry) && / on (?:messages|chats|clients)\b/.test(entry))
    .map((entry) =>
      entry
        .split("\n")
        .filter((line) => /->|Scan|Limit|Sort|Join|Loop|Cond|Filter|Buffers/.test(line) && !/Query Text/.test(line))
        .join("\n"),
    );
