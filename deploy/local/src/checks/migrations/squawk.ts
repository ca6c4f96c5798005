import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import type { Finding, MigrationSql } from "./migration-sql.ts";

/** The oldest version of Postgres that sysZap runs on. */
const postgresVersion = "15";
/** The migrating process sets its own timeouts; the others are about style. */
const unused = [
  "require-lock-timeout",
  "require-statement-timeout",
  "prefer-bigint-over-int",
  "prefer-bigint-over-smallint",
  "prefer-identity",
  "prefer-robust-stmts",
  "prefer-text-field",
  "prefer-timestamp-tz",
];
const Report = z.array(z.object({ file: z.string(), rule_name: z.string(), message: z.string() }));
const program = join(dirname(createRequire(import.meta.url).resolve("squawk-cli/package.json")), "js/bin/squawk");
const run = promisify(execFile);

/** Applies the rules of squawk (https://squawkhq.com/docs/rules). It accepts everything about tables that the same migration creates. */
export async function findWithSquawk(migrations: readonly MigrationSql[]): Promise<Finding[]> {
  const folder = await mkdtemp(join(tmpdir(), "syszap-squawk-"));
  const [online, atOnce] = [true, false].map((isOnline) => migrations.filter((each) => each.isOnline === isOnline));
  try {
    return [...(await check(folder, online, [])), ...(await check(folder, atOnce, ["--assume-in-transaction"]))];
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function check(folder: string, migrations: MigrationSql[] = [], options: string[]): Promise<Finding[]> {
  if (migrations.length === 0) return [];
  const files = new Map(migrations.map((each) => [join(folder, `${each.name}.sql`), each]));
  for (const [file, { statements }] of files) await writeFile(file, statements.join("\n"));
  const parameters = ["--pg-version", postgresVersion, "--exclude", unused.join(), "--reporter", "json", ...options];
  // With findings it exits with 1.
  const { stdout } = await run(process.execPath, [program, ...parameters, ...files.keys()]).catch(
    (error: { stdout?: string; code?: unknown }) => {
      if (error.code === 1 && error.stdout) return { stdout: error.stdout };
      throw error;
    },
  );
  return Report.parse(JSON.parse(stdout)).map(({ file, rule_name: rule, message }) => ({
    migration: files.get(file)?.name ?? file,
    rule,
    message,
  }));
}
