import { EngineName } from "@syszap/contracts";
import type { Knex } from "knex";
import { queryRows } from "../sql/query.ts";

export interface ForgottenProfile {
  companyId: string;
  sessionId: string;
  engine: EngineName;
  /** Generation of the last lease under which the profile may have been used. */
  generation: number;
}
interface Row {
  company_id: string;
  session_id: string;
  engine: string;
  generation: string;
}
const isOwned = "(l.owner is not null and l.lease_until > clock_timestamp())";

/** Browser profiles to wipe, because their session was removed or logged out. Connectors read this list and wipe them. */
export class ForgottenProfiles {
  constructor(private readonly db: Knex) {}

  /** Returns those of the sessions that are removed and have no owner. */
  async ofRemoved(sessionIds: readonly string[]): Promise<ForgottenProfile[]> {
    return this.select(
      `select l.company_id, l.session_id, s.engine, l.generation
       from whatsapp_sessions s join session_leases l on l.company_id = s.company_id and l.session_id = s.id
       where s.id = any(:sessionIds::uuid[]) and s.removed_at is not null and not ${isOwned}`,
      { sessionIds: [...sessionIds] },
    );
  }

  /** Removed sessions that ran at least once and whose archives are not wiped yet, whichever connector ran them. */
  async unwiped(limit: number): Promise<ForgottenProfile[]> {
    return this.select(
      `select l.company_id, l.session_id, s.engine, l.generation
       from whatsapp_sessions s join session_leases l on l.company_id = s.company_id and l.session_id = s.id
       where s.removed_at is not null and not ${isOwned} and l.generation > 0 and not exists (
         select from session_profiles p where p.company_id = l.company_id and p.session_id = l.session_id
           and p.is_wiped and p.generation >= l.generation)
       limit :limit`,
      { limit },
    );
  }

  /** Sessions that were logged out but not removed, and whose archives could not be wiped at that time. */
  async unwipedLogOuts(limit: number): Promise<ForgottenProfile[]> {
    return this.select(
      `select p.company_id, p.session_id, p.engine, p.generation
       from session_profiles p join whatsapp_sessions s on s.company_id = p.company_id and s.id = p.session_id
       where p.storage_key is null and not p.is_wiped and s.removed_at is null
       limit :limit`,
      { limit },
    );
  }

  private async select(
    statement: string,
    bindings: { sessionIds: string[] } | { limit: number },
  ): Promise<ForgottenProfile[]> {
    const rows = await queryRows<Row>(this.db, statement, bindings);
    return rows.map((row) => ({
      companyId: row.company_id,
      sessionId: row.session_id,
      engine: EngineName.parse(row.engine),
      generation: Number(row.generation),
    }));
  }
}
