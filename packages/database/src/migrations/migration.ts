import type { Knex } from "knex";

/**
 * A change of the schema. Services of the previous release run while it runs and after it, so it only adds (expand); a later release
 * removes what no running release uses any more (contract). `npm run check` refuses statements that block or remove.
 */
export interface Migration {
  up: (knex: Knex) => Promise<void>;
  down: (knex: Knex) => Promise<void>;
  /**
   * Runs outside a transaction, which `create index concurrently` and changes in batches require. A killed process leaves it half done,
   * so it must be repeatable.
   */
  isOnline?: true;
  /** Removes what the release before the previous one used. Services do not need it at their start. */
  isContract?: true;
  /** Rules of the linter that it breaks on purpose, with the reason why the statement does no harm. */
  allows?: Record<string, string>;
}
