import pg from "pg";

/** Runs a statement as the owner of the database, to whom grants do not apply. Resolves with its rows. */
export async function asOwner<Row = Record<string, unknown>>(
  ownerUrl: string,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    return (await client.query(sql, values)).rows;
  } finally {
    await client.end();
  }
}
