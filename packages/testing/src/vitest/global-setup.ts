import { randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { ensureDatabase } from "../postgres/ensure-database.ts";
import { startPostgres } from "../postgres/postgres-server.ts";
import "./provided-context.ts";

const template = "syszap_template";

/**
 * Migrates an empty database to the latest version. Passed in by the caller: this package may not import `database`.
 */
export type Migrate = (options: { ownerUrl: string; appPassword: string; systemPassword: string }) => Promise<void>;

/**
 * Creates a vitest global setup: one Postgres with a migrated template for the whole run. It is removed even after
 * Ctrl-C.
 */
export function createGlobalSetup(migrate: Migrate) {
  return async function setup(project: TestProject): Promise<() => Promise<void>> {
    const [password, appPassword, systemPassword] = [randomPassword(), randomPassword(), randomPassword()];
    const dataDirectory = await mkdtemp(join(tmpdir(), "syszap-test-postgres-"));
    const postgres = await startPostgres({ dataDirectory, password, isScratch: true, isDurable: false });
    const roleUrl = (role: string, rolePassword: string) =>
      Object.assign(new URL(postgres.url(template)), { username: role, password: rolePassword }).href;
    try {
      await ensureDatabase(postgres.url("postgres"), template);
      await migrate({ ownerUrl: postgres.url(template), appPassword, systemPassword });
    } catch (err) {
      await postgres.destroy();
      throw err;
    }
    project.provide("testPostgres", {
      template,
      adminUrl: postgres.url("postgres"),
      ownerUrl: postgres.url(template),
      appUrl: roleUrl("syszap_app", appPassword),
      systemUrl: roleUrl("syszap_system", systemPassword),
    });
    return () => postgres.destroy();
  };
}

const randomPassword = () => randomBytes(24).toString("hex");
