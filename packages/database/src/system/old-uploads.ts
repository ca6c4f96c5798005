import type { Knex } from "knex";
import { queryRows } from "../sql/query.ts";

/** Files that were uploaded, whoever's they are. Sees where they are, not who uploaded them. */
export class OldUploads {
  constructor(private readonly db: Knex) {}

  /** The oldest of those uploaded before then, whether or not a message has them. */
  async list(before: Date, limit = 100): Promise<{ companyId: string; mediaId: string }[]> {
    return queryRows(
      this.db,
      `select company_id as "companyId", media_id as "mediaId" from media_uploads
       where uploaded_at < :before order by uploaded_at limit :limit`,
      { before, limit },
    );
  }
}
