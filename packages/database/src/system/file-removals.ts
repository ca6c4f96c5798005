import type { Knex } from "knex";
import { fileRemovalLock } from "../sql/file-removal-lock.ts";
import { queryOne } from "../sql/query.ts";

/** Files are removed from the stores only while no backup is made (decision 089). */
export class FileRemovals {
  constructor(private readonly db: Knex) {}

  /**
   * True while a backup is made. A file may be removed after the answer false if the transaction that ended its last use was
   * committed before the question: a backup that begins meanwhile does not contain that use.
   */
  async areHeld(): Promise<boolean> {
    const { held } = await queryOne<{ held: boolean }>(
      this.db,
      `select not pg_try_advisory_xact_lock_shared(${fileRemovalLock}) as held`,
    );
    return held;
  }
}
