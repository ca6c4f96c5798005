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

/** Runs `up` without a database: every query finds nothing. */
export async function readSql(name: string, migration: Migration): Promise<MigrationSql> {
  const statements: string[] = [];
  const recorder = {
    raw: async (sql: string) => {
      statements.push(`${sql.trim().replace(/;$/, "")};`);
      return { rows: [], rowCount: 0 };
    },
  };
  await migration.up(recorder as unknown as Parameters<Migration["up"]>[0]);
  const { isOnline = false, isContract = false, allows = {} } = migration;
  return { name, statements, isOnline, isContract, allows };
}
