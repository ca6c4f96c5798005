import knexPackage, { type Knex } from "knex";
import {
  type MigrationRun,
  type MigrationWaits,
  reverseMigrations,
  runMigrations,
  untilUnblocked,
} from "./migrating/run-migrations.ts";
import { migrations } from "./migrations/index.ts";
import type { Migration } from "./migrations/migration.ts";
import type { DatabaseLog } from "./outbox.ts";
import { appRole, backupRole, endOtherLogins, ensureRole, systemRole } from "./roles.ts";

// Node finds no named exports in this CommonJS package.
const { knex } = knexPackage;

export interface MigrateOptions {
  /**
   * URL with a role that may create roles and owns the database. Only migrations use it. It must lead to Postgres itself: the lock of
   * migrations belongs to the connection, and a pooler shares connections.
   */
  ownerUrl: string;
  /** Name of the services' login. During a rotation, another one than that of running processes. Default: the role's own name. */
  appUser?: string | undefined;
  appPassword: string;
  systemUser?: string | undefined;
  systemPassword: string;
  /** Ends all other logins of both roles, at the end of a rotation. */
  endsOldLogins?: boolean;
  /** Without one, the role that makes backups keeps its password. A new role has none, so nobody can sign in. */
  backupPassword?: string | undefined;
  log?: DatabaseLog;
  waits?: Partial<MigrationWaits>;
  /** For tests. Default: those of this release. */
  migrations?: Record<string, Migration>;
}

const defaultWaits: MigrationWaits = { lockTimeoutMs: 2_000, deadlineMs: 600_000 };

/**
 * Runs all pending migrations, each in its own transaction, and sets the passwords and timeouts of the roles. May be run by several processes and be killed at any time: run it again.
 */
export async function migrate(options: MigrateOptions): Promise<void> {
  await withOwner(options, async (run) => {
    await ensureRoles(run.db, options);
    await runMigrations(run, options.migrations ?? migrations);
    await untilUnblocked(run, "Finishing the migrations", () => finish(run));
  });
}

/** Adds policies to the tables that are new. */
const finish = ({ db, waits }: MigrationRun) =>
  db.transaction(async (trx) => {
    await trx.raw(`set local lock_timeout = ${waits.lockTimeoutMs}`);
    await trx.raw("select allow_company_deletion(), allow_backup()");
  });

/** Creates the roles before a restore, whose privileges and policies name them. */
export const prepareRoles = (options: MigrateOptions): Promise<void> =>
  withOwner(options, ({ db }) => ensureRoles(db, options));

async function ensureRoles(db: Knex, options: MigrateOptions): Promise<void> {
  const app = { role: appRole, user: options.appUser };
  const system = { role: systemRole, user: options.systemUser };
  await ensureRole(db, { ...app, password: options.appPassword });
  await ensureRole(db, { ...system, password: options.systemPassword });
  await ensureRole(db, { role: backupRole, password: options.backupPassword });
  if (options.endsOldLogins) {
    await endOtherLogins(db, app);
    await endOtherLogins(db, system);
  }
}

/** Rolls back every migration, newest first, which deletes all data. The roles stay, since other databases of the cluster may use them. */
export async function rollback(options: { ownerUrl: string }): Promise<void> {
  await withOwner(options, (run) => reverseMigrations(run, migrations));
}

/** The migrations that this program knows, in the order in which they run. */
export const migrationNames = (): string[] => Object.keys(migrations);

async function withOwner(
  { ownerUrl, waits, log }: Pick<MigrateOptions, "ownerUrl" | "waits" | "log">,
  run: (run: MigrationRun) => Promise<unknown>,
): Promise<void> {
  const [db, observer] = [
    openConnection(ownerUrl, "syszap-migrate"),
    openConnection(ownerUrl, "syszap-migrate-observer"),
  ];
  try {
    await run({ db, observer, waits: { ...defaultWaits, ...waits }, log });
  } finally {
    await Promise.all([db.destroy(), observer.destroy()]);
  }
}

const openConnection = (ownerUrl: string, name: string): Knex =>
  knex({
    client: "pg",
    connection: { connectionString: ownerUrl, application_name: name, keepAlive: true },
    pool: { min: 0, max: 1, idleTimeoutMillis: 3_600_000, afterCreate: releaseLocksOfLostProcess },
  });

/** Without these settings, Postgres would keep the locks of a killed process until its statement has ended, and those of a lost machine for hours. */
const sessionSettings = `
  select set_config('idle_in_transaction_session_timeout', '60s', false), set_config('tcp_keepalives_idle', '30', false),
    set_config('tcp_keepalives_interval', '10', false), set_config('tcp_keepalives_count', '3', false)`;
const cancelWhenClientIsGone = "select set_config('client_connection_check_interval', '2s', false)";

function releaseLocksOfLostProcess(
  connection: { query: (sql: string) => Promise<unknown> },
  done: (error: Error | null, connection: unknown) => void,
): void {
  connection
    .query(sessionSettings)
    // Not every system on which Postgres runs can check this.
    .then(() => connection.query(cancelWhenClientIsGone).catch(() => undefined))
    .then(
      () => done(null, connection),
      (error: Error) => done(error, connection),
    );
}
