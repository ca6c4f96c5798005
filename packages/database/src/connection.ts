import knexPackage, { type Knex } from "knex";
import type { DatabaseLog } from "./outbox.ts";

// Node finds no named exports in this CommonJS package.
const { knex } = knexPackage;

const connectTimeoutMs = 5_000;
const acquireTimeoutMs = 5_000;

export interface PoolOptions {
  name: string;
  max: number;
  log: DatabaseLog | undefined;
}

/** Opens the connection pool of one database role. Timeouts of statements, locks and idle transactions are settings of the role. */
export function openPool(url: string, options: PoolOptions): Knex {
  const connection: Knex.PgConnectionConfig & { pipeline: boolean } = {
    connectionString: url,
    application_name: options.name,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    pipeline: true, // statements are sent without waiting for earlier results; Postgres runs them in order
  };
  return knex({
    client: "pg",
    connection,
    // Waiting for a connection times out: an unbounded queue would hide that Postgres is unavailable.
    acquireConnectionTimeout: acquireTimeoutMs,
    log: knexLogger(options.log),
    // Keeps some connections open, so that the first message after a quiet minute does not wait for a new one.
    pool: { min: Math.min(2, options.max), max: options.max, idleTimeoutMillis: 30_000 },
  });
}

/** Replaces knex's own logger, which writes to the console. Errors also reject the caller's promise. */
function knexLogger(log: DatabaseLog | undefined): Knex.Logger {
  const warn = (detail: unknown) => log?.warn({ detail: String(detail) }, "knex reports a problem");
  return { warn, error: warn, deprecate: warn, debug: () => undefined };
}
