import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import "./provided-context.ts";
import { redisTest } from "./redis-test.ts";

/** URLs of one test database, one per role. */
export interface DatabaseUrls {
  name: string;
  /** The owner, who runs migrations. */
  ownerUrl: string;
  /** The role of the services, restricted by row-level security. */
  appUrl: string;
  /** The role of the services for work across companies. */
  systemUrl: string;
}

/** `test` with a `database` fixture: a new database per test, cloned from the migrated template. Extends `redisTest`. */
export const databaseTest = redisTest.extend<{ database: DatabaseUrls }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads what a fixture needs from this pattern
  database: async ({}, use) => {
    const postgres = inject("testPostgres");
    const name = `test_${randomBytes(8).toString("hex")}`;
    await asAdmin(postgres.adminUrl, `create database ${name} template ${postgres.template}`);
    const urlOf = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` }).href;
    await use({
      name,
      ownerUrl: urlOf(postgres.ownerUrl),
      appUrl: urlOf(postgres.appUrl),
      systemUrl: urlOf(postgres.systemUrl),
    });
    await asAdmin(postgres.adminUrl, `drop database if exists ${name} with (force)`);
  },
});

async function asAdmin(connectionString: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
