import type { Knex } from "knex";
import { type AuditActor, type AuditRecord, recordAudit } from "../../repositories/audit/audit-recorder.ts";
import { queryRows } from "../../sql/query.ts";

/** The audit logs of all companies. */
export class AuditLogs {
  constructor(private readonly db: Knex) {}

  /** For actions without a transaction, such as refused sign-ins. */
  record(companyId: string, actor: AuditActor, entry: AuditRecord): Promise<void> {
    return recordAudit(this.db, companyId, actor, entry);
  }

  /** Deletes at most `limit` entries that are older than `days`, and returns how many. */
  async deleteOld(days: number, limit = 1_000): Promise<number> {
    const rows = await queryRows(
      this.db,
      `delete from audit_log where (company_id, id) in (
         select company_id, id from audit_log where occurred_at < now() - :days * interval '1 day'
         order by occurred_at limit :limit
       ) returning id`,
      { days, limit },
    );
    return rows.length;
  }
}
