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

  /** Deletes at most `limit` entries that are older than `days`, or than their company's setting, and returns how many. */
  async deleteOld(days: number, limit = 1_000): Promise<number> {
    const rows = await queryRows(
      this.db,
      `delete from audit_log where (company_id, id) in (
         (select a.company_id, a.id from audit_log a where a.occurred_at < now() - :days * interval '1 day'
            and not exists (select from companies c where c.id = a.company_id and c.keep_audit_days is not null)
          order by a.occurred_at limit :limit)
         union all
         (select a.company_id, a.id from companies c cross join lateral (
            select o.company_id, o.id from audit_log o where o.company_id = c.id
              and o.occurred_at < now() - make_interval(days => c.keep_audit_days) order by o.occurred_at desc limit :limit) a
          where c.keep_audit_days is not null limit :limit)
       ) returning id`,
      { days, limit },
    );
    return rows.length;
  }
}
