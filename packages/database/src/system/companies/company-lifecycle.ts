import { isDeepStrictEqual } from "node:util";
import type { AuditAction, CompanyState, Page, PlatformCompany } from "@syszap/contracts";
import type { Knex } from "knex";
import { recordRevocation } from "../../repositories/accounts/record-revocation.ts";
import { type AuditActor, recordAudit } from "../../repositories/audit/audit-recorder.ts";
import { fromPageKey, toPage } from "../../sql/page-key.ts";
import { queryOne, queryRow, queryRows } from "../../sql/query.ts";
import { searchPatterns } from "../../sql/search-patterns.ts";
import { type CompanyRow, hasState, selectCompanies, toCompany } from "./company-row.ts";

interface CompanyPage {
  search?: string | undefined;
  state?: CompanyState | undefined;
  before?: string | undefined;
  limit: number;
}

/**
 * Companies as operators manage them. Each change returns false when the company does not exist or its state does not allow the
 * change. A change that is already made succeeds again.
 */
export class CompanyLifecycle {
  constructor(private readonly db: Knex) {}

  /** Newest first. */
  async list({ search, state, before, limit }: CompanyPage): Promise<Page<PlatformCompany>> {
    const after = fromPageKey(before, /^\d{1,15}$/);
    const conditions = [
      "true",
      ...(search ? ["c.name ilike :pattern"] : []),
      ...(state ? [hasState] : []),
      ...(after ? ["(c.created_at, c.id) < (to_timestamp(:beforeMs / 1000.0), :beforeId::uuid)"] : []),
    ];
    const rows = await queryRows<CompanyRow>(
      this.db,
      selectCompanies(conditions.join(" and "), "order by c.created_at desc, c.id desc limit :rows"),
      {
        rows: limit + 1,
        ...(search && { pattern: searchPatterns(search).name }),
        ...(state && { state }),
        ...(after && { beforeMs: Number(after.value), beforeId: after.id }),
      },
    );
    return toPage(rows, limit, {
      item: toCompany,
      key: (row) => ({ value: String(row.created_at.getTime()), id: row.id }),
    });
  }

  async find(id: string): Promise<PlatformCompany | undefined> {
    const row = await queryRow<CompanyRow>(this.db, selectCompanies("c.id = :id"), { id });
    return row && toCompany(row);
  }

  /** Adds a company without people. */
  create(name: string, actor: AuditActor): Promise<string> {
    return this.db.transaction(async (trx) => {
      const { id } = await queryOne<{ id: string }>(trx, "insert into companies (name) values (:name) returning id", {
        name,
      });
      await recordAudit(trx, id, actor, {
        action: "company_created",
        target: { kind: "company", id },
        after: { name },
      });
      return id;
    });
  }

  rename(id: string, name: string, actor: AuditActor): Promise<boolean> {
    return this.change(id, actor, {
      action: "settings_changed",
      assignments: "name = :name",
      condition: "deletion_started_at is null",
      bindings: { name },
    });
  }

  suspend(id: string, actor: AuditActor): Promise<boolean> {
    return this.change(id, actor, {
      action: "company_suspended",
      assignments: "suspended_at = coalesce(suspended_at, now())",
      condition: "deletion_due_at is null",
      changesAccess: true,
    });
  }

  /** Not while a deletion is scheduled: cancel it first. */
  reopen(id: string, actor: AuditActor): Promise<boolean> {
    return this.change(id, actor, {
      action: "company_reopened",
      assignments: "suspended_at = null",
      condition: "deletion_due_at is null",
      changesAccess: true,
    });
  }

  /** Suspends the company. Its data is removed after the grace period. */
  scheduleDeletion(id: string, graceMs: number, actor: AuditActor): Promise<boolean> {
    return this.change(id, actor, {
      action: "company_deletion_scheduled",
      assignments: `suspended_at = coalesce(suspended_at, now()),
        deletion_due_at = coalesce(deletion_due_at, now() + :graceMs * interval '1 millisecond')`,
      condition: "deletion_started_at is null",
      bindings: { graceMs },
      changesAccess: true,
    });
  }

  /** The company stays suspended. */
  cancelDeletion(id: string, actor: AuditActor): Promise<boolean> {
    return this.change(id, actor, {
      action: "company_deletion_cancelled",
      assignments: "deletion_due_at = null",
      condition: "deletion_started_at is null",
    });
  }

  /** Records the change in the company's audit log, unless it was made before. */
  private change(id: string, actor: AuditActor, change: Change): Promise<boolean> {
    const { action, assignments, condition, bindings = {}, changesAccess = false } = change;
    return this.db.transaction(async (trx) => {
      const before = await queryRow<Settings>(trx, `select ${settings} from companies where id = :id for update`, {
        id,
      });
      const after = await queryRow<Settings>(
        trx,
        `update companies set ${assignments} where id = :id and ${condition} returning ${settings}`,
        { id, ...bindings },
      );
      if (!before || !after) return false;
      if (!isDeepStrictEqual(before, after))
        await recordAudit(trx, id, actor, { action, target: { kind: "company", id }, before, after });
      if (changesAccess) await recordRevocation(trx, { companyId: id });
      return true;
    });
  }
}

/** The columns of a company that the audit log records before and after a change. */
type Settings = { name: string; isSuspended: boolean; deletionDueAt: Date | null };
const settings = `name, suspended_at is not null as "isSuspended", deletion_due_at as "deletionDueAt"`;

interface Change {
  action: AuditAction;
  assignments: string;
  condition: string;
  bindings?: Record<string, string | number>;
  /** The change suspends or reopens the company. */
  changesAccess?: boolean;
}
