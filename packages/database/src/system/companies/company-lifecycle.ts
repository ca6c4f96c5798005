import type { CompanyState, Page, PlatformCompany } from "@syszap/contracts";
import type { Knex } from "knex";
import { fromPageKey, toPage } from "../../sql/page-key.ts";
import { queryRow, queryRows } from "../../sql/query.ts";
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

  rename(id: string, name: string): Promise<boolean> {
    return this.change(id, "name = :name", "deletion_started_at is null", { name });
  }

  suspend(id: string): Promise<boolean> {
    return this.change(id, "suspended_at = coalesce(suspended_at, now())", "deletion_due_at is null");
  }

  /** Not while a deletion is scheduled: cancel it first. */
  reopen(id: string): Promise<boolean> {
    return this.change(id, "suspended_at = null", "deletion_due_at is null");
  }

  /** Suspends the company. Its data is removed after the grace period. */
  scheduleDeletion(id: string, graceMs: number): Promise<boolean> {
    return this.change(
      id,
      `suspended_at = coalesce(suspended_at, now()),
       deletion_due_at = coalesce(deletion_due_at, now() + :graceMs * interval '1 millisecond')`,
      "deletion_started_at is null",
      { graceMs },
    );
  }

  /** The company stays suspended. */
  cancelDeletion(id: string): Promise<boolean> {
    return this.change(id, "deletion_due_at = null", "deletion_started_at is null");
  }

  private async change(
    id: string,
    assignments: string,
    condition: string,
    bindings: Record<string, string | number> = {},
  ): Promise<boolean> {
    const row = await queryRow(
      this.db,
      `update companies set ${assignments} where id = :id and ${condition} returning id`,
      { id, ...bindings },
    );
    return row !== undefined;
  }
}
