import type { Migration } from "@syszap/database";

/** A migration as the statements that it sends to Postgres. */
export interface MigrationSql {
  name: string;
  /** Each ends with a semicolon. */
  statements: string[];
  isOnline: boolean;
  isContract: boolean;
  allows: Record<string, string>;
}

export interface Finding {
  migration: string;
  rule: string;
  message: string;
}

/** `:name` and `?` of knex are no SQL. */
const bindingsAsNull = (sql: string) => sql.replaceAll(/(?<![:\w]):[a-z]\w*/gi, "null").replaceAll("??", "bound");

/** Runs `up` without a database: every query finds nothing. */
export async function readSql(name: string, migration: Migration): Promise<MigrationSql> {
  const statements: string[] = [];
  const recorder = {
    raw: async (sql: string) => {
      statements.push(`${bindingsAsNull(sql).trim().replace(/;$/, "")};`);
      return { rows: [], rowCount: 0 };
    },
  };
  await migration.up(recorder as unknown as Parameters<Migration["up"]>[0]);
  const { isOnline = false, isContract = false, allows = {} } = migration;
  return { name, statements, isOnline, isContract, allows };
}
