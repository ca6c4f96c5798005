import type { Knex } from "knex";
import { queryRows } from "../sql/query.ts";

/** Uploads of all companies. The database role cannot read who uploaded them. */
export class OldUploads {
  constructor(private readonly db: Knex) {}

  /** Uploads from before a time, oldest first, whether or not a message uses them. */
  async list(before: Date, limit = 100): Promise<{ companyId: string; mediaId: string }[]> {
    return queryRows(
      this.db,
      `select company_id as "companyId", media_id as "mediaId" from media_uploads
       where uploaded_at < :before order by uploaded_at limit :limit`,
      { before, limit },
    );
  }
}
