import type { DurableEvent } from "@syszap/contracts";
import type { Knex } from "knex";
import { type DatabaseLog, logPublished, type PublishDurable, type PublishedOutboxRow } from "../outbox.ts";
import { queryRows } from "../sql/query.ts";

interface OutboxRow {
  company_id: string;
  id: string;
  events: DurableEvent[];
}
export interface SweepOptions {
  /** Younger rows are left to the process that committed them. */
  olderThanMs?: number;
  limit?: number;
}
const sweepBudgetMs = 5_000;
const replayWindowSeconds = 60;

/** Committed events of all companies. The sweep publishes the events that the process that committed them did not publish. */
export class OutboxRepository {
  constructor(
    private readonly db: Knex,
    private readonly publish: PublishDurable,
    private readonly log: DatabaseLog | undefined,
  ) {}

  /**
   * Publishes and marks unpublished rows, oldest first. Several sweepers share the work. A row that cannot be published only delays
   * later rows of the same company; the next sweep tries it again.
   */
  async sweep(options: SweepOptions = {}): Promise<{ published: number; failed: number }> {
    return this.db.transaction(async (trx) => {
      const rows = await queryRows<OutboxRow>(
        trx,
        `select company_id, id, events from outbox
         where published_at is null and created_at < statement_timestamp() - make_interval(secs => :seconds)
         order by created_at, id limit :limit for update skip locked`,
        { seconds: (options.olderThanMs ?? 2_000) / 1_000, limit: options.limit ?? 200 },
      );
      const published = await this.publishRows(rows);
      if (published.length > 0) await logPublished(trx, published);
      return { published: published.length, failed: rows.length - published.length };
    });
  }

  /** Deletes rows that were published more than a minute ago. */
  async deletePublished(limit = 5_000): Promise<number> {
    const rows = await queryRows(
      this.db,
      `delete from outbox where (company_id, id) in (
         select company_id, id from outbox
         where published_at < now() - interval '${replayWindowSeconds} seconds' limit :limit for update skip locked
       ) returning id`,
      { limit },
    );
    return rows.length;
  }

  /** Events published in the last minute, oldest first. They are published again when Redis lost its data. */
  async publishedRecently(): Promise<{ companyId: string; events: DurableEvent[]; publishedAt: Date }[]> {
    return queryRows(
      this.db,
      `select company_id as "companyId", events, published_at as "publishedAt" from outbox
       where published_at >= now() - interval '${replayWindowSeconds} seconds' order by published_at, created_at, id`,
    );
  }

  private async publishRows(rows: OutboxRow[]): Promise<PublishedOutboxRow[]> {
    const published: PublishedOutboxRow[] = [];
    const failed = new Set<string>();
    const deadline = Date.now() + sweepBudgetMs;
    for (const row of rows) {
      if (failed.has(row.company_id) || Date.now() > deadline) continue;
      try {
        const positions = (await this.publish(row.company_id, row.events)) ?? [];
        published.push({ companyId: row.company_id, id: row.id, events: row.events, positions });
      } catch (err) {
        failed.add(row.company_id);
        this.log?.warn(
          { err, companyId: row.company_id, outboxId: row.id },
          "events in the outbox could not be published; the next sweep tries again",
        );
      }
    }
    return published;
  }
}
