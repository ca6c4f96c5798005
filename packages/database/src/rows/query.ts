import { createHash } from "node:crypto";
import type { Knex } from "knex";

type Bindings = Record<string, Knex.RawBinding>;

/** What a repository works with: its transaction, and the company that the transaction is of. */
export interface Scope {
  db: Knex.Transaction;
  companyId: string;
}

/** Rows of a statement with `:named` bindings. */
export async function queryRows<Row>(db: Knex, sql: string, bindings: Bindings = {}): Promise<Row[]> {
  const result: { rows: Row[] } = await db.raw(sql, bindings);
  return result.rows;
}

const statementNames = new Map<string, string>();

/**
 * As `queryRows`, for statements of every message: each connection has them parsed once, and planned a few times instead of every
 * time. The text must be constant, since Postgres keeps each for as long as the connection lasts.
 */
export async function preparedRows<Row>(db: Knex, sql: string, bindings: Bindings = {}): Promise<Row[]> {
  let name = statementNames.get(sql);
  if (name === undefined) {
    name = createHash("sha256").update(sql).digest("hex").slice(0, 32);
    statementNames.set(sql, name);
  }
  const result: { rows: Row[] } = await db.raw(sql, bindings).options({ name });
  return result.rows;
}

export async function queryRow<Row>(db: Knex, sql: string, bindings: Bindings = {}): Promise<Row | undefined> {
  return (await queryRows<Row>(db, sql, bindings))[0];
}

/** As `queryRow`, for statements that always answer with a row. */
export async function queryOne<Row>(db: Knex, sql: string, bindings: Bindings = {}): Promise<Row> {
  const row = await queryRow<Row>(db, sql, bindings);
  if (row === undefined) throw new Error("the statement answered with no row");
  return row;
}
