import { Direction } from "@syszap/contracts";
import type { Knex } from "knex";
import { queryRows } from "../sql/query.ts";

/** A file to be asked for now. */
export interface DueDownload {
  companyId: string;
  sessionId: string;
  direction: Direction;
  waKey: string;
  /** By what the session's engine finds it. */
  handle: string;
  mimeType: string;
  fileName: string | null;
  size: number | null;
  /** This one included. */
  attempts: number;
}
export interface DownloadClaim {
  sessionIds: readonly string[];
  /** Messages whose files are being fetched already. */
  busy: readonly string[];
  limit: number;
  /** Before the second attempt; twice as long before each further one. */
  retryAfterMs: number;
  mostRetryAfterMs: number;
}
interface DueRow extends Omit<DueDownload, "direction" | "size"> {
  direction: number;
  size: string | null;
}

/** Files that messages of any company are still without. */
export class DueDownloads {
  constructor(private readonly db: Knex) {}

  /** The longest due first. The time of the next attempt is set before this one: a process that dies in it holds nothing up. */
  async claim(claim: DownloadClaim): Promise<DueDownload[]> {
    if (claim.sessionIds.length === 0 || claim.limit <= 0) return [];
    const rows = await queryRows<DueRow>(
      this.db,
      `with due as (
         select company_id, session_id, direction, wa_key from media_downloads
         where session_id = any(:sessionIds::uuid[]) and next_attempt_at <= clock_timestamp()
           and not wa_key = any(:busy::text[])
         order by next_attempt_at limit :limit for update skip locked
       )
       update media_downloads d set attempts = d.attempts + 1,
         next_attempt_at = clock_timestamp()
           + least(:retryAfterMs * power(2, least(d.attempts, 20)), :mostRetryAfterMs) * interval '1 millisecond'
       from due
       where d.company_id = due.company_id and d.session_id = due.session_id and d.direction = due.direction
         and d.wa_key = due.wa_key
       returning d.company_id as "companyId", d.session_id as "sessionId", d.direction, d.wa_key as "waKey",
         d.handle, d.mime_type as "mimeType", d.file_name as "fileName", d.size, d.attempts`,
      {
        sessionIds: [...claim.sessionIds],
        busy: [...claim.busy],
        limit: claim.limit,
        retryAfterMs: claim.retryAfterMs,
        mostRetryAfterMs: claim.mostRetryAfterMs,
      },
    );
    return rows.map((row) => ({
      ...row,
      direction: Direction.parse(row.direction),
      size: row.size === null ? null : Number(row.size),
    }));
  }
}
