import { randomBytes } from "node:crypto";
import knexPackage, { type Knex } from "knex";
import { migrations } from "./migrations/index.ts";
import { appRole, backupRole, ensureRole, systemRole } from "./roles.ts";

// Node finds no named exports in this CommonJS package.
const { knex } = knexPackage;

export interface MigrateOptions {
  /** URL with a role that may create roles and owns the database. Only migrations use it. */
  ownerUrl: string;
  appPassword: string;
  systemPassword: string;
  /** Without one, nobody can sign in as the role that makes backups. */
  backupPassword?: string | undefined;
}

/** Runs all pending migrations, and sets the passwords and timeouts of the roles. */
export async function migrate(options: MigrateOptions): Promise<void> {
  await withOwner(options.ownerUrl, async (db) => {
    await ensureRoles(db, options);
    await db.migrate.latest(migrationConfig);
    await db.raw("select allow_company_deletion(), allow_backup()");
  });
}

/** Creates the roles before a restore, whose privileges and policies name them. */
export const prepareRoles = (options: MigrateOptions): Promise<void> =>
  withOwner(options.ownerUrl, (db) => ensureRoles(db, options));

async function ensureRoles(db: Knex, options: MigrateOptions): Promise<void> {
  await ensureRole(db, appRole, options.appPassword);
  await ensureRole(db, systemRole, options.systemPassword);
  await ensureRole(db, backupRole, options.backupPassword ?? randomBytes(24).toString("hex"));
}

/** Rolls back every migration, newest first, which deletes all data. The roles stay, since other databases of the cluster may use them. */
export async function rollback(options: { ownerUrl: string }): Promise<void> {
  await withOwner(options.ownerUrl, (db) => db.migrate.rollback(migrationConfig, true));
}

/** The migrations that this program knows, in the order in which they run. */
export const migrationNames = (): string[] => Object.keys(migrations);

/** Uses the imported list of migrations, so that a bundle in a single file can run them. */
const migrationConfig: Knex.MigratorConfig = {
  migrationSource: {
    getMigrations: async () => Object.keys(migrations),
    getMigrationName: (name: string) => name,
    getMigration: async (name: string) => {
      const migration = migrations[name];
      if (!migration) throw new Error(`there is no migration ${name}`);
      return migration;
    },
  },
};

async function withOwner(ownerUrl: string, run: (db: Knex) => Promise<unknown>): Promise<void> {
  const db = knex({
    client: "pg",
    connection: { connectionString: ownerUrl, application_name: "syszap-migrate" },
    pool: { min: 0, max: 2 },
  });
  try {
    await run(db);
  } finally {
    await db.destroy();
  }
}
