import type { Knex } from "knex";
import { queryRow } from "../sql/query.ts";

/**
 * Creates an index while its table is written, and is repeatable: a killed build leaves an invalid index, which is dropped first. Only
 * in migrations with `isOnline`. `definition` follows the name: `on messages (company_id, sent_at)`.
 */
export async function buildIndex(
  knex: Knex,
  index: { name: string; definition: string; isUnique?: boolean },
): Promise<void> {
  const found = await queryRow<{ indisvalid: boolean }>(
    knex,
    "select indisvalid from pg_index where indexrelid = to_regclass(:name)",
    { name: index.name },
  );
  if (found?.indisvalid) return;
  if (found) await knex.raw(`drop index concurrently ${index.name}`);
  await knex.raw(`create ${index.isUnique ? "unique " : ""}index concurrently ${index.name} ${index.definition}`);
}
