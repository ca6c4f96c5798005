import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { migrate } from "@syszap/database";
import { ensureDatabase, startPostgres } from "@syszap/testing/servers";
import type { BenchmarkContext } from "./benchmark.ts";

const databaseName = "bench";

/** Starts a migrated Postgres with the roles of the services. */
export async function openPostgres(dataDirectory: string, onEnd: BenchmarkContext["onEnd"]) {
  const [password, appPassword, systemPassword] = [randomUUID(), randomBytes(16).toString("hex"), randomUUID()];
  const postgresLog = join(dataDirectory, "postgres.log");
  const postgres = await startPostgres({ dataDirectory, password, isScratch: true, logFile: postgresLog });
  onEnd(() => postgres.destroy());
  await ensureDatabase(postgres.url("postgres"), databaseName);
  const ownerUrl = postgres.url(databaseName);
  await migrate({ ownerUrl, appPassword, systemPassword });
  const urlOf = (username: string, password: string) => Object.assign(new URL(ownerUrl), { username, password }).href;
  const urls = {
    ownerUrl,
    appUrl: urlOf("syszap_app", appPassword),
    systemUrl: urlOf("syszap_system", systemPassword),
  };
  return { urls, postgresLog, postgresPid: postgres.pid };
}
