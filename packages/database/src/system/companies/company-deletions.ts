import type { DeletionProgress } from "@syszap/contracts";
import type { Knex } from "knex";
import { queryOne, queryRow, queryRows } from "../../sql/query.ts";
import { type ForeignKey, orderDeletion } from "./deletion-order.ts";

/** A company whose data one process removes, until its lease ends. */
export interface ClaimedDeletion {
  companyId: string;
  startedAt: Date;
  /** Number of files, jobs and rows that this and earlier processes removed. */
  removed: number;
}

/** One kind of statement that removes rows of a company, in batches. */
type DeletionStep = { kind: "reference"; table: string; constraint: string } | { kind: "rows"; table: string };

/**
 * Removes the rows of companies whose deletion is due (decision 052). Everything may be repeated: a process that is killed leaves the
 * company to the next one that claims it.
 */
export class CompanyDeletions {
  constructor(private readonly db: Knex) {}

  /** Claims one company, whose deletion can no longer be cancelled from now on. */
  async claim(leaseMs: number): Promise<ClaimedDeletion | undefined> {
    const row = await queryRow<{ id: string; startedAt: Date; removed: string }>(
      this.db,
      `update companies c set deletion_started_at = coalesce(c.deletion_started_at, now()),
         deletion_leased_until = now() + :leaseMs * interval '1 millisecond'
       from (
         select id from companies
         where deletion_due_at <= now() and (deletion_leased_until is null or deletion_leased_until <= now())
         order by deletion_due_at limit 1 for no key update skip locked
       ) due
       where c.id = due.id
       returning c.id, c.deletion_started_at as "startedAt", c.deletion_removed as removed`,
      { leaseMs },
    );
    return row && { companyId: row.id, startedAt: row.startedAt, removed: Number(row.removed) };
  }

  /** Records the progress and extends the lease. */
  async report(companyId: string, progress: DeletionProgress, leaseMs: number): Promise<void> {
    await queryRows(
      this.db,
      `update companies set deletion_step = :step, deletion_done = :done, deletion_total = :total,
         deletion_removed = :removed, deletion_leased_until = now() + :leaseMs * interval '1 millisecond'
       where id = :companyId`,
      { companyId, leaseMs, ...progress },
    );
  }

  /** Lets another process continue at once. */
  async release(companyId: string): Promise<void> {
    await queryRows(this.db, "update companies set deletion_leased_until = null where id = :companyId", { companyId });
  }

  /** Number of the company's sessions that a connector may still run, or whose profile no connector has wiped yet. */
  async unfinishedSessions(companyId: string): Promise<number> {
    const { count } = await queryOne<{ count: number }>(
      this.db,
      `select count(*)::int as count
       from session_leases l
       where l.company_id = :companyId and (
         (l.owner is not null and l.lease_until > clock_timestamp())
         or (l.generation > 0 and not exists (
           select from session_profiles p where p.company_id = l.company_id and p.session_id = l.session_id
             and p.is_wiped and p.generation >= l.generation)))`,
      { companyId },
    );
    return count;
  }

  /** The statements that remove all rows, in an order that foreign keys allow. Read from the catalogue, so it includes every table. */
  async steps(): Promise<DeletionStep[]> {
    const tables = await queryRows<{ name: string }>(
      this.db,
      `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'company_id'
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
         and not a.attisdropped order by 1`,
    );
    const keys = await queryRows<ForeignKey>(
      this.db,
      `select c.oid::text as constraint, f.relname as "from", t.relname as "to"
       from pg_constraint c join pg_class f on f.oid = c.conrelid join pg_class t on t.oid = c.confrelid
       where c.contype = 'f' and c.connamespace = 'public'::regnamespace and not f.relispartition order by 1`,
    );
    const { cycles, order } = orderDeletion(
      tables.map(({ name }) => name),
      keys,
    );
    return [
      ...cycles.map(({ constraint, from }): DeletionStep => ({ kind: "reference", table: from, constraint })),
      ...order.map((table): DeletionStep => ({ kind: "rows", table })),
    ];
  }

  /** Returns the number of rows that the batch changed; 0 when the step is finished. */
  async run(companyId: string, step: DeletionStep, batch: number): Promise<number> {
    const { affected } = await queryOne<{ affected: number }>(
      this.db,
      step.kind === "rows"
        ? "select delete_company_rows(:companyId, quote_ident(:target)::regclass, :batch) as affected"
        : "select clear_company_references(:companyId, :target::oid, :batch) as affected",
      { companyId, target: step.kind === "rows" ? step.table : step.constraint, batch },
    );
    return affected;
  }

  /** Deletes the company itself. The last step. */
  async finish(companyId: string): Promise<void> {
    await queryRows(this.db, "select delete_company(:companyId)", { companyId });
  }
}
