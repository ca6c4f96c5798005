import { Direction } from "@syszap/contracts";
import type { Knex } from "knex";
import { queryRows } from "../sql/query.ts";

/** A file to download now. */
export interface DueDownload {
  companyId: string;
  sessionId: string;
  direction: Direction;
  waKey: string;
  /** The engine's reference to the file. */
  handle: string;
  mimeType: string;
  fileName: string | null;
  size: number | null;
  /** Includes this attempt. */
  attempts: number;
}
export interface DownloadClaim {
  sessionIds: readonly string[];
  /** Keys of messages whose files are being downloaded already. */
  busy: readonly string[];
  limit: number;
  /** Delay before the second attempt. Doubles for each further attempt, up to `maxRetryAfterMs`. */
  retryAfterMs: number;
  maxRetryAfterMs: number;
}
interface DueRow extends Omit<DueDownload, "direction" | "size"> {
  direction: number;
  size: string | null;
}

/** Downloads of files that messages of any company still lack. */
export class DueDownloads {
  constructor(private readonly db: Knex) {}

  /** Claims due downloads, longest due first. Sets the time of the next attempt at once, so that it happens even if the caller dies. */
  async claim(claim: DownloadClaim): Promise<DueDownload[]> {
    if (claim.sessionIds.length === 0 || claim.limit <= 0) return [];
    const rows = await queryRows<DueRow>(
      this.db,
      `with due as (
         select company_id, session_id, direction, wa_key from media_downloads
         where session_id = any(:sessionIds::uuid[]) and next_attempt_at <= statement_timestamp()
           and not wa_key = any(:busy::text[])
         order by next_attempt_at limit :limit for update skip locked
       )
       update media_downloads d set attempts = d.attempts + 1,
         next_attempt_at = clock_timestamp()
           + least(:retryAfterMs * power(2, least(d.attempts, 20)), :maxRetryAfterMs) * interval '1 millisecond'
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
        maxRetryAfterMs: claim.maxRetryAfterMs,
      },
    );
    return rows.map((row) => ({
      ...row,
      direction: Direction.parse(row.direction),
      size: row.size === null ? null : Number(row.size),
    }));
  }
}
