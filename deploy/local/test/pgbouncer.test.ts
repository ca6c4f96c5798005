import { execFileSync } from "node:child_process";
import { chownSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { connectDatabase } from "@syszap/database";
import { type DatabaseUrls, databaseTest } from "@syszap/testing";
import { freePort, startOwnedProcess } from "@syszap/testing/servers";
import pg from "pg";
import { expect } from "vitest";
import { pgbouncerProgram, requireProgram } from "../src/machine/installed-command.ts";
import { root } from "../src/paths.ts";

/** Connections to Postgres for each role: far fewer than the services open. */
const poolSize = 2;

interface Pooled {
  /** The same database through PgBouncer. */
  urls: DatabaseUrls;
  hasPreparedStatements: boolean;
}

const test = databaseTest.extend<{ pooled: Pooled }>({
  pooled: async ({ database }, use) => {
    const command = await requireProgram(pgbouncerProgram);
    const folder = mkdtempSync(join(tmpdir(), "syszap-pgbouncer-"));
    const port = await freePort();
    const [app, system] = [new URL(database.appUrl), new URL(database.systemUrl)];
    execFileSync(join(root, "deploy/pgbouncer/render.sh"), [folder], {
      env: {
        ...{ PATH: process.env.PATH, PGBOUNCER: command, PGBOUNCER_LISTEN: "127.0.0.1", PGBOUNCER_PORT: String(port) },
        PGBOUNCER_DATABASE: `host=${app.hostname} port=${app.port} dbname=${database.name}`,
        PGBOUNCER_POOL_SIZE: String(poolSize),
        ...{ APP_DATABASE_USER: app.username, APP_DATABASE_PASSWORD: app.password },
        ...{ SYSTEM_DATABASE_USER: system.username, SYSTEM_DATABASE_PASSWORD: system.password },
      },
    });
    const user = ordinaryUser();
    if (user !== undefined)
      for (const file of ["", "pgbouncer.ini", "userlist.txt"]) chownSync(join(folder, file), user.uid, user.gid);
    const logFile = join(folder, "log");
    const server = await startOwnedProcess({ command, args: [join(folder, "pgbouncer.ini")], logFile, user });
    const through = (url: string) => Object.assign(new URL(url), { port: String(port), pathname: "/syszap" }).href;
    const urls = { ...database, appUrl: through(database.appUrl), systemUrl: through(database.systemUrl) };
    await untilListening(urls.appUrl, logFile);
    const settings = readFileSync(join(folder, "pgbouncer.ini"), "utf8");
    await use({ urls, hasPreparedStatements: settings.includes("max_prepared_statements") });
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  },
});

/** PgBouncer refuses to run as root. */
function ordinaryUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const [, uid, gid] = /^nobody:[^:]*:(\d+):(\d+):/m.exec(readFileSync("/etc/passwd", "utf8")) ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

async function untilListening(url: string, logFile: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return await client.end();
    } catch (error) {
      if (attempt === 200) throw new Error(`PgBouncer did not start: ${error}\n${readFileSync(logFile, "utf8")}`);
      await delay(50);
    }
  }
}

const open = ({ urls, hasPreparedStatements }: Pooled, options: { maxConnections: number; isLookupsOnly?: boolean }) =>
  connectDatabase({ ...urls, ...options, hasNamedStatements: hasPreparedStatements, publish: async () => undefined });

test("many processes share two connections, and each transaction sees its own company only", async ({
  pooled,
  onTestFinished,
}) => {
  const processes = [true, false, true, false].map((isLookupsOnly) =>
    open(pooled, { maxConnections: 6, isLookupsOnly }),
  );
  onTestFinished(async () => {
    for (const database of processes) await database.close();
  });
  const [first] = processes;
  if (!first) throw new Error("there is no process");
  const companies = await Promise.all(
    ["Acme", "Padaria", "Mercado"].map((name) => first.system.companies.create({ name })),
  );
  const created = await Promise.all(
    companies.flatMap(({ id }) =>
      processes.map((database) =>
        database.withCompany(id, async ({ sessions }) => {
          const session = await sessions.create({ name: `Session of ${id}`, engine: "simulator" });
          return { companyId: id, sessionId: session.id, seen: await sessions.list() };
        }),
      ),
    ),
  );
  for (const { companyId, seen } of created) for (const { name } of seen) expect(name).toBe(`Session of ${companyId}`);

  await Promise.all(
    created.flatMap(({ companyId, sessionId }) =>
      companies.map(async ({ id }, index) => {
        const database = processes[index % processes.length] ?? first;
        const found = await database.withCompany(id, ({ sessions }) => sessions.find(sessionId));
        expect([id === companyId, found?.id]).toEqual([id === companyId, id === companyId ? sessionId : undefined]);
      }),
    ),
  );
});

test("nothing of a transaction stays on the shared connection, also after an error", async ({
  pooled,
  onTestFinished,
}) => {
  const database = open(pooled, { maxConnections: 4, isLookupsOnly: true });
  onTestFinished(() => database.close());
  const { id } = await database.system.companies.create({ name: "Acme" });
  await database.withCompany(id, ({ sessions }) => sessions.create({ name: "Vendas", engine: "simulator" }));
  const failing = database.withCompany(id, async ({ sessions }) => {
    await sessions.create({ name: "Suporte", engine: "simulator" });
    throw new Error("after the insert");
  });
  await expect(failing).rejects.toThrow("after the insert");

  const clients = Array.from({ length: poolSize }, () => new pg.Client({ connectionString: pooled.urls.appUrl }));
  for (const client of clients) {
    await client.connect();
    await client.query("begin");
  }
  for (const client of clients) {
    const { rows } = await client.query(
      `select coalesce(current_setting('app.company_id', true), '') as company, current_setting('plan_cache_mode') as plans,
       current_setting('statement_timeout') as timeout, (select count(*) from whatsapp_sessions) as visible`,
    );
    expect(rows).toEqual([{ company: "", plans: "auto", timeout: "10s", visible: "0" }]);
    await client.query("commit");
    await client.end();
  }
  expect(await database.withCompany(id, ({ sessions }) => sessions.list())).toHaveLength(1);
});
