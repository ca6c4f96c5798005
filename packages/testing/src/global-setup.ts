import { randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { ensureDatabase } from "./ensure-database.ts";
import { startPostgres } from "./postgres-server.ts";
import "./provided-context.ts";

const template = "syszap_template";

/** What brings an empty database to the newest version; given by the root, since this package knows no other one. */
export type Migrate = (options: { ownerUrl: string; appPassword: string; systemPassword: string }) => Promise<void>;

/** A vitest global setup: one Postgres for the whole run, with a migrated template. Gone after the run, also after Ctrl-C. */
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
