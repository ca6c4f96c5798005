import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import type { Knex } from "knex";
import { queryRow, queryRows } from "./sql/query.ts";

/** Sees the rows of one company at a time. */
export const appRole = "syszap_app";
/** Works across companies, on the tables that this work needs. */
export const systemRole = "syszap_system";
/** Reads every row and changes none. Only backups use it. */
export const backupRole = "syszap_backup";

/** Nothing may block without limit, also when a process dies within a transaction (promise 6). */
const timeouts = {
  statement_timeout: "10s",
  lock_timeout: "5s",
  idle_in_transaction_session_timeout: "15s",
};
/** Roles belong to the cluster, so migrations of several databases may conflict. */
const maxAttempts = 10;
const conflictCodes = new Set(["XX000", "23505", "42710"]);

interface Login {
  role: string;
  /** With which processes sign in: the role itself, or another one that has its rights. Default: the role. */
  user?: string | undefined;
  /** Without one, the present password stays, and a new role has none. */
  password: string | undefined;
}

/**
 * Creates the role and its login if they are missing, and sets the password and timeouts of the login. Other logins of the role keep
 * their passwords. Throws for a role that can bypass row-level security.
 */
export async function ensureRole(db: Knex, { role, user = role, password }: Login): Promise<void> {
  await retryConflicts(() => db.transaction((trx) => setUp(trx, role, user === role ? password : undefined)));
  if (user === role) return;
  await retryConflicts(() =>
    db.transaction(async (trx) => {
      await setUp(trx, user, password);
      await trx.raw("grant ?? to ??", [role, user]);
    }),
  );
}

/** Refuses all logins of the role other than `user`, and closes their connections, as far as the owner of the database may do that. */
export async function endOtherLogins(db: Knex, { role, user = role }: Omit<Login, "password">): Promise<void> {
  const others = await queryRows<{ name: string }>(
    db,
    `select rolname as name from pg_roles where rolname <> :user and (rolname = :role or exists (
      select from pg_auth_members m where m.member = pg_roles.oid and m.roleid = to_regrole(:role)))
      and rolcanlogin and not rolsuper and rolname <> current_user`,
    { role, user },
  );
  for (const { name } of others) {
    await retryConflicts(() => db.raw("alter role ?? password null", [name]));
    await db.raw(
      `select pg_terminate_backend(pid) from pg_stat_activity where usename = ?
       and (select rolsuper from pg_roles where rolname = current_user)`,
      [name],
    );
  }
}

async function retryConflicts(run: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await run();
      return;
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      if (!conflictCodes.has(code) || attempt === maxAttempts) throw error;
    }
  }
}

async function setUp(db: Knex.Transaction, role: string, password: string | undefined): Promise<void> {
  const existing = await queryRow<{ rolsuper: boolean; rolbypassrls: boolean }>(
    db,
    "select rolsuper, rolbypassrls from pg_roles where rolname = :role",
    { role },
  );
  if (existing?.rolsuper || existing?.rolbypassrls) {
    throw new Error(`role ${role} can bypass row-level security: remove SUPERUSER and BYPASSRLS from it`);
  }
  if (!existing) await db.raw("create role ?? login", [role]);
  if (password !== undefined) await db.raw(`alter role ?? login password '${scramVerifier(password)}'`, [role]);
  for (const [name, value] of Object.entries(timeouts)) {
    await db.raw(`alter role ?? set ${name} = '${value}'`, [role]);
  }
}

const scramIterations = 4_096;

/** Computes the form in which Postgres stores a password (RFC 5802), so that the password is in no statement, log or error of the server. */
function scramVerifier(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password.normalize("NFKC"), salt, scramIterations, 32, "sha256");
  const keyed = (what: string) => createHmac("sha256", salted).update(what).digest();
  const storedKey = createHash("sha256").update(keyed("Client Key")).digest("base64");
  const serverKey = keyed("Server Key").toString("base64");
  return `SCRAM-SHA-256$${scramIterations}:${salt.toString("base64")}$${storedKey}:${serverKey}`;
}
