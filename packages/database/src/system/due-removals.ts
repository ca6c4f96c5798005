import type { Knex } from "knex";
import { queryRows } from "../sql/query.ts";

/** Content of all companies that must be erased now. */
export class DueRemovals {
  constructor(private readonly db: Knex) {}

  /** Files to remove from the media store that were requested before a time, oldest first. */
  listFiles(before: Date, limit = 100): Promise<{ companyId: string; storageKey: string }[]> {
    return queryRows(
      this.db,
      `select company_id as "companyId", storage_key as "storageKey" from media_removals
       where requested_at < :before order by requested_at limit :limit`,
      { before, limit },
    );
  }

  /** Disappearing messages whose time has come, longest due first. */
  listExpired(limit = 100): Promise<{ companyId: string; messageId: string }[]> {
    return queryRows(
      this.db,
      `select company_id as "companyId", id as "messageId" from messages
       where expires_at <= statement_timestamp() and revoked_at is null order by expires_at limit :limit`,
      { limit },
    );
  }
}
