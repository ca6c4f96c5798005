import type { ClaimedRetention, Database } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import type { WorkerMetrics } from "../metrics.ts";
import { leaseMs, repeatBatches } from "./batches.ts";

interface RetentionOptions {
  db: Database;
  metrics: Pick<WorkerMetrics, "expired">;
  log: Logger;
  /** Rows of one transaction. */
  batch?: number;
}

const defaultBatch = 200;

/**
 * Removes messages and files that their companies do not keep any more, one company at a time and in small transactions. Each batch finds
 * what is left by itself, so the work continues after a kill.
 */
export class Retention {
  private readonly closing = new AbortController();

  constructor(private readonly options: RetentionOptions) {}

  /** Works until no company is due, or until `stop`. */
  async run(): Promise<void> {
    while (!this.closing.signal.aborted) {
      const claim = await this.options.db.system.retentions.claim(leaseMs);
      if (!claim) return;
      await this.enforce(claim);
    }
  }

  /** Ends after the current batch. */
  stop(): void {
    this.closing.abort();
  }

  private async enforce({ companyId, keepsMessages, keepsFiles }: ClaimedRetention): Promise<void> {
    const { db, log } = this.options;
    if (!keepsMessages) await this.repeat(companyId, () => this.removeMessages(companyId));
    if (!keepsFiles) await this.repeat(companyId, () => this.removeFiles(companyId));
    if (this.closing.signal.aborted) return;
    const removed = await db.withCompany(companyId, async ({ retention, audit }) => {
      const removed = await retention.finish();
      const target = { kind: "company" as const, id: companyId };
      if (removed.messages + removed.files > 0)
        await audit.record({ kind: "system" }, { action: "data_expired", target, after: removed });
      return removed;
    });
    log.info({ companyId, ...removed }, "removed expired data of a company");
  }

  private repeat(companyId: string, removeBatch: () => Promise<number>): Promise<void> {
    const { retentions } = this.options.db.system;
    return repeatBatches(this.closing.signal, removeBatch, () => retentions.extend(companyId, leaseMs));
  }

  private async removeMessages(companyId: string): Promise<number> {
    const { db, metrics, batch = defaultBatch } = this.options;
    const { count } = await db.withCompany(companyId, async ({ retention, emit }) => {
      const removed = await retention.removeMessages(batch);
      for (const chat of removed.chats) emit.chatUpdate(chat);
      return removed;
    });
    metrics.expired.inc({ what: "message" }, count);
    return count;
  }

  private async removeFiles(companyId: string): Promise<number> {
    const { db, metrics, batch = defaultBatch } = this.options;
    const count = await db.withCompany(companyId, ({ retention }) => retention.removeFiles(batch));
    metrics.expired.inc({ what: "file" }, count);
    return count;
  }
}
