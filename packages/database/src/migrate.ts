import knexPackage, { type Knex } from "knex";
import { migrations } from "./migrations/index.ts";
import { appRole, ensureRole, systemRole } from "./roles.ts";

// Node finds no named exports in this CommonJS package.
const { knex } = knexPackage;

export interface MigrateOptions {
  /** A role that may make roles and owns the database. Used for nothing else. */
  ownerUrl: string;
  appPassword: string;
  systemPassword: string;
}

/** Brings the database to the newest form, and the two roles that services use to their passwords and limits. */
export async function migrate(options: MigrateOptions): Promise<void> {
  await withOwner(options.ownerUrl, async (db) => {
    await ensureRole(db, appRole, options.appPassword);
    await ensureRole(db, systemRole, options.systemPassword);
    await db.migrate.latest(migrationConfig);
  });
}

/** Takes every migration back, newest first: all data is gone. The roles stay, since other databases of the cluster may use them. */
export async function rollback(options: { ownerUrl: string }): Promise<void> {
  await withOwner(options.ownerUrl, (db) => db.migrate.rollback(migrationConfig, true));
}

/** An imported list: nothing is read from disk, so a bundle of one file can migrate too. */
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
