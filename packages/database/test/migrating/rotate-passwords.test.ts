import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureDatabase, startPostgres } from "@syszap/testing/servers";
import pg from "pg";
import { expect, test } from "vitest";
import { connectDatabase, type MigrateOptions, migrate } from "../../src/index.ts";

/** A private server: roles belong to the cluster, and other tests use those of the shared one. */
test("the old passwords of both roles work beside the new ones until the rotation is ended", async ({
  onTestFinished,
}) => {
  const dataDirectory = mkdtempSync(join(tmpdir(), "syszap-rotation-"));
  const password = randomBytes(24).toString("hex");
  const postgres = await startPostgres({ dataDirectory, password, isScratch: true, isDurable: false });
  onTestFinished(() => postgres.destroy());
  await ensureDatabase(postgres.url("postgres"), "syszap");
  const ownerUrl = postgres.url("syszap");
  const urlOf = (username: string, password: string) => Object.assign(new URL(ownerUrl), { username, password }).href;
  const [oldPassword, newPassword] = [randomBytes(24).toString("hex"), randomBytes(24).toString("hex")];

  /** As the recipe in docs/operations/rotate-secrets.md runs the migration. */
  const run = (suffix: string, password: string, options: Partial<MigrateOptions> = {}) =>
    migrate({
      ownerUrl,
      appUser: `syszap_app${suffix}`,
      systemUser: `syszap_system${suffix}`,
      appPassword: password,
      systemPassword: password,
      ...options,
    });
  const open = (suffix: string, password: string) => {
    const urls = {
      appUrl: urlOf(`syszap_app${suffix}`, password),
      systemUrl: urlOf(`syszap_system${suffix}`, password),
    };
    const database = connectDatabase({ ...urls, maxConnections: 2, publish: async () => undefined });
    onTestFinished(() => database.close());
    return database;
  };
  const canSignIn = async (user: string, password: string) => {
    const client = new pg.Client({ connectionString: urlOf(user, password) });
    client.on("error", () => undefined);
    return client.connect().then(
      () => client.end().then(() => true),
      () => false,
    );
  };

  await run("", oldPassword);
  const before = open("", oldPassword);
  const { id: companyId } = await before.system.companies.create({ name: "Padaria São João" });

  // 1. The migration with the other logins. Running processes keep theirs, also for new connections.
  await run("_b", newPassword);
  const after = open("_b", newPassword);
  expect(await canSignIn("syszap_app", oldPassword)).toBe(true);
  expect(await canSignIn("syszap_system", oldPassword)).toBe(true);
  // The new logins have the rights of the roles: they see the same rows, one company at a time.
  const createSession = (database: typeof before) =>
    database.withCompany(companyId, ({ sessions }) => sessions.create({ name: "Vendas", engine: "simulator" }));
  const { id } = await createSession(after);
  await createSession(before);
  expect(await after.withCompany(companyId, ({ sessions }) => sessions.find(id))).toMatchObject({ id });
  const { id: otherId } = await after.system.companies.create({ name: "Mercado" });
  expect(await after.withCompany(otherId, ({ sessions }) => sessions.find(id))).toBeUndefined();
  const client = new pg.Client({ connectionString: urlOf("syszap_app_b", newPassword) });
  await client.connect();
  const { rows } = await client.query("select current_setting('statement_timeout') as timeout");
  await client.end();
  expect(rows).toEqual([{ timeout: "10s" }]);

  // 2. The end of the rotation.
  await run("_b", newPassword, { endsOldLogins: true });
  expect(await canSignIn("syszap_app", oldPassword)).toBe(false);
  expect(await canSignIn("syszap_system", oldPassword)).toBe(false);
  await createSession(after);

  // The next rotation goes back to the first names.
  await run("", oldPassword);
  expect(await canSignIn("syszap_app", oldPassword)).toBe(true);
  expect(await canSignIn("syszap_app_b", newPassword)).toBe(true);
});
