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

interface Statement {
  name: string;
  text: string;
  /** What stands for $1, $2 and so on. */
  keys: string[];
}
/** All that is used of a connection of `pg`. */
interface Connection {
  query<Row>(query: { name: string; text: string; values: unknown[] }): Promise<{ rows: Row[] }>;
}
const statements = new Map<string, Statement>();

/**
 * As `queryRows`, for statements of every message: each connection has them parsed once, and planned a few times instead of every
 * time. The text must be constant, since both Postgres and this process keep each for as long as they can.
 */
export async function preparedRows<Row>(
  db: Knex.Transaction,
  sql: string,
  bindings: Record<string, unknown> = {},
): Promise<Row[]> {
  const { name, text, keys } = statements.get(sql) ?? prepare(sql);
  const connection: Connection = await db.client.acquireConnection(); // the transaction's own
  return (await connection.query<Row>({ name, text, values: keys.map((key) => bindings[key]) })).rows;
}

function prepare(sql: string): Statement {
  const keys: string[] = [];
  // A cast ("::uuid") is no binding.
  const text = sql.replace(/(?<!:):([a-zA-Z]\w*)/g, (_, key: string) => {
    if (!keys.includes(key)) keys.push(key);
    return `$${keys.indexOf(key) + 1}`;
  });
  const statement = { name: createHash("sha256").update(sql).digest("hex").slice(0, 32), text, keys };
  statements.set(sql, statement);
  return statement;
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
