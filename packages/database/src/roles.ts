import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import type { Knex } from "knex";
import { queryRow } from "./sql/query.ts";

/** One company at a time. */
export const appRole = "syszap_app";
/** Work across companies, on the tables of that work alone. */
export const systemRole = "syszap_system";

/** Nothing may hang for ever, also when a process dies in the middle of a transaction (promise 6). */
const timeLimits = {
  statement_timeout: "10s",
  lock_timeout: "5s",
  idle_in_transaction_session_timeout: "15s",
};
/** Several databases of one cluster may be migrated at the same time; roles belong to the cluster. */
const maxAttempts = 10;
const raced = new Set(["XX000", "23505", "42710"]);

/** Makes the role if it is missing and sets its password and time limits. Refuses a role that would see past row-level security. */
export async function ensureRole(db: Knex, role: string, password: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction((trx) => setUp(trx, role, password));
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      if (!raced.has(code) || attempt === maxAttempts) throw error;
    }
  }
}

async function setUp(db: Knex.Transaction, role: string, password: string): Promise<void> {
  const existing = await queryRow<{ rolsuper: boolean; rolbypassrls: boolean }>(
    db,
    "select rolsuper, rolbypassrls from pg_roles where rolname = :role",
    { role },
  );
  if (existing?.rolsuper || existing?.rolbypassrls) {
    throw new Error(`role ${role} sees past row-level security: take SUPERUSER and BYPASSRLS from it`);
  }
  if (!existing) await db.raw("create role ?? login", [role]);
  await db.raw(`alter role ?? login password '${scramVerifier(password)}'`, [role]);
  for (const [name, value] of Object.entries(timeLimits)) {
    await db.raw(`alter role ?? set ${name} = '${value}'`, [role]);
  }
}

const scramIterations = 4_096;

/** What the server keeps of a password (RFC 5802). Made here, so that the password is in no statement, log or error of the server. */
function scramVerifier(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password.normalize("NFKC"), salt, scramIterations, 32, "sha256");
  const keyed = (what: string) => createHmac("sha256", salted).update(what).digest();
  const storedKey = createHash("sha256").update(keyed("Client Key")).digest("base64");
  const serverKey = keyed("Server Key").toString("base64");
  return `SCRAM-SHA-256$${scramIterations}:${salt.toString("base64")}$${storedKey}:${serverKey}`;
}
