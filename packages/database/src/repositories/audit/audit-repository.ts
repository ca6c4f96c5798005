import type { AuditAction, AuditEntry, AuditFilter, AuditTargetKind, Page } from "@syszap/contracts";
import { fromPageKey, toPage } from "../../sql/page-key.ts";
import type { Scope } from "../../sql/query.ts";

interface AuditRow {
  id: string;
  occurred_at: Date;
  actor_kind: AuditEntry["actor"]["kind"];
  actor_id: string | null;
  actor_name: string | null;
  login_id: string | null;
  address: string | null;
  action: AuditAction;
  target_kind: AuditTargetKind | null;
  target_id: string | null;
  target_name: string | null;
  before: AuditEntry["before"];
  after: AuditEntry["after"];
}

/** One optional condition for each filter, so that Postgres plans with the filters that are used. */
const conditions: Record<keyof AuditFilter, string> = {
  actor: "a.actor_id = :actor::uuid",
  action: "a.action = :action",
  target: "a.target_id = :target",
  from: "a.occurred_at >= :from::timestamptz",
  to: "a.occurred_at < :to::timestamptz",
};

/** Reads the audit log of the company. `AuditRecorder` adds to it. */
export class AuditRepository {
  constructor(private readonly scope: Scope) {}

  /** Newest first. */
  async list(filter: AuditFilter, page: { before?: string | undefined; limit: number }): Promise<Page<AuditEntry>> {
    const before = fromPageKey(page.before, /^\d{1,15}$/);
    const { where, bindings } = toConditions(filter);
    const rows = await this.scope.rows<AuditRow>(
      `select a.*, actor.name as actor_name, target.name as target_name
       from (
         select * from audit_log a where ${where}
           ${before ? "and (a.occurred_at, a.id) < (to_timestamp(:ms::bigint / 1000.0), :id::uuid)" : ""}
         order by a.occurred_at desc, a.id desc limit :limit
       ) a
       left join users actor on actor.company_id = a.company_id and actor.id = a.actor_id
       left join users target on target.company_id = a.company_id and a.target_kind = 'user' and target.id::text = a.target_id
       order by a.occurred_at desc, a.id desc`,
      { ...bindings, limit: page.limit + 1, ...(before && { ms: before.value, id: before.id }) },
    );
    return toPage(rows, page.limit, {
      item: toEntry,
      key: (row) => ({ value: String(row.occurred_at.getTime()), id: row.id }),
    });
  }

  /** True if more than `limit` entries match. */
  async hasMoreThan(limit: number, filter: AuditFilter): Promise<boolean> {
    const { where, bindings } = toConditions(filter);
    const row = await this.scope.row(`select from audit_log a where ${where} offset :limit limit 1`, {
      ...bindings,
      limit,
    });
    return row !== undefined;
  }
}

function toConditions(filter: AuditFilter) {
  const used = Object.entries(conditions).filter(([name]) => filter[name as keyof AuditFilter] !== undefined);
  return {
    where: ["a.company_id = :companyId", ...used.map(([, condition]) => condition)].join(" and "),
    bindings: Object.fromEntries(used.map(([name]) => [name, filter[name as keyof AuditFilter] ?? null])),
  };
}

const toEntry = (row: AuditRow): AuditEntry => ({
  id: row.id,
  occurredAt: row.occurred_at.toISOString(),
  action: row.action,
  actor: {
    kind: row.actor_kind,
    id: row.actor_id,
    name: row.actor_name,
    loginId: row.login_id,
    address: row.address,
  },
  target:
    row.target_kind === null || row.target_id === null
      ? null
      : { kind: row.target_kind, id: row.target_id, name: row.target_name },
  before: row.before,
  after: row.after,
});
