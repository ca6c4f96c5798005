import type { Knex } from "knex";
import type { PreparedStatements } from "./prepared-statements.ts";

type Bindings = Record<string, Knex.RawBinding>;

/** Rows of a statement with `:named` bindings. */
export async function queryRows<Row>(db: Knex, sql: string, bindings: Bindings = {}): Promise<Row[]> {
  const result: { rows: Row[] } = await db.raw(sql, bindings);
  return result.rows;
}

export async function queryRow<Row>(db: Knex, sql: string, bindings: Bindings = {}): Promise<Row | undefined> {
  return (await queryRows<Row>(db, sql, bindings))[0];
}

/** Like `queryRow`, for statements that always return a row; throws when there is none. */
export async function queryOne<Row>(db: Knex, sql: string, bindings: Bindings = {}): Promise<Row> {
  const row = await queryRow<Row>(db, sql, bindings);
  if (row === undefined) throw new Error("the statement returned no row");
  return row;
}

/** The transaction of a repository, and the company it is limited to. Every statement can use the binding `:companyId`. */
export class Scope {
  constructor(
    readonly db: Knex.Transaction,
    readonly companyId: string,
    /** For statements that run for every message. */
    readonly prepared: PreparedStatements,
  ) {}

  rows<Row>(sql: string, bindings: Bindings = {}): Promise<Row[]> {
    return queryRows(this.db, sql, { ...bindings, companyId: this.companyId });
  }

  row<Row>(sql: string, bindings: Bindings = {}): Promise<Row | undefined> {
    return queryRow(this.db, sql, { ...bindings, companyId: this.companyId });
  }

  /** Like `row`, for statements that always return a row; throws when there is none. */
  one<Row>(sql: string, bindings: Bindings = {}): Promise<Row> {
    return queryOne(this.db, sql, { ...bindings, companyId: this.companyId });
  }
}
