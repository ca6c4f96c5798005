import knexPackage, { type Knex } from "knex";
import { migrations } from "./migrations/index.ts";
import { appRole, ensureRole, systemRole } from "./roles.ts";

// Node finds no named exports in this CommonJS package.
const { knex } = knexPackage;

export interface MigrateOptions {
  /** URL with a role that may create roles and owns the database. Only migrations use it. */
  ownerUrl: string;
  appPassword: string;
  systemPassword: string;
}

/** Runs all pending migrations, and sets the passwords and timeouts of the two roles that services use. */
export async function migrate(options: MigrateOptions): Promise<void> {
  await withOwner(options.ownerUrl, async (db) => {
    await ensureRole(db, appRole, options.appPassword);
    await ensureRole(db, systemRole, options.systemPassword);
    await db.migrate.latest(migrationConfig);
    await db.raw("select allow_company_deletion()");
  });
}

/** Rolls back every migration, newest first, which deletes all data. The roles stay, since other databases of the cluster may use them. */
export async function rollback(options: { ownerUrl: string }): Promise<void> {
  await withOwner(options.ownerUrl, (db) => db.migrate.rollback(migrationConfig, true));
}

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
