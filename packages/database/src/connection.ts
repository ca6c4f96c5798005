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

/** A pool of one role. Time limits of statements, locks and idle transactions belong to the roles themselves. */
export function openPool(url: string, options: PoolOptions): Knex {
  const connection: Knex.PgConnectionConfig & { pipeline: boolean } = {
    connectionString: url,
    application_name: options.name,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    pipeline: true, // statements of a transaction go out without waiting for the one before; Postgres runs them in order
  };
  return knex({
    client: "pg",
    connection,
    // Waiting for a connection ends with an error: an unbounded queue would only hide that Postgres is away.
    acquireConnectionTimeout: acquireTimeoutMs,
    log: quiet(options.log),
    // Some stay open: the first message after a quiet minute should not wait for a login.
    pool: { min: Math.min(2, options.max), max: options.max, idleTimeoutMillis: 30_000 },
  });
}

/** knex would write to the console; whoever asked for a connection is told of the error anyway. */
function quiet(log: DatabaseLog | undefined): Knex.Logger {
  const say = (detail: unknown) => log?.warn({ detail: String(detail) }, "database connection");
  return { warn: say, error: say, deprecate: say, debug: () => undefined };
}
