import type { Knex } from "knex";
import type { PreparedStatements } from "./prepared-statements.ts";

type Bindings = Record<string, Knex.RawBinding>;

/** What a repository works with: its transaction, and the company that the transaction is of. */
export interface Scope {
  db: Knex.Transaction;
  companyId: string;
  /** For statements of every message. */
  prepared: PreparedStatements;
}

/** Rows of a statement with `:named` bindings. */
export async function queryRows<Row>(db: Knex, sql: string, bindings: Bindings = {}): Promise<Row[]> {
  const result: { rows: Row[] } = await db.raw(sql, bindings);
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
