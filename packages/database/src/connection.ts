import knexPackage, { type Knex } from "knex";

// Node finds no named exports in this CommonJS package.
const { knex } = knexPackage;

const connectTimeoutMs = 5_000;
const acquireTimeoutMs = 5_000;

/** A pool of one role. Time limits of statements, locks and idle transactions belong to the roles themselves. */
export function openPool(url: string, options: { name: string; max: number }): Knex {
  return knex({
    client: "pg",
    connection: {
      connectionString: url,
      application_name: options.name,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
    },
    // What people wrote must not end in error messages, and so in logs.
    compileSqlOnError: false,
    // Waiting for a connection ends with an error: an unbounded queue would only hide that Postgres is away.
    acquireConnectionTimeout: acquireTimeoutMs,
    pool: { min: 0, max: options.max, idleTimeoutMillis: 30_000 },
  });
}
