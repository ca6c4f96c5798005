import { isDatabaseUnavailable } from "@syszap/database";
import { withLogContext } from "@syszap/platform";
import { RecentIds } from "@syszap/platform/async";

interface CompanyJob {
  companyId: string;
}
interface Entry<Job> {
  job: Job;
  size: number;
  resolve(): void;
  reject(error: unknown): void;
}
interface BatcherOptions<Job> {
  /** Stores the jobs of one company in one transaction: all or none. */
  store(companyId: string, jobs: readonly Job[]): Promise<void>;
  /** Identifies a job; all its attempts have the same name. */
  nameOf(job: Job): string;
  /** Length of the texts in the job, in characters. */
  sizeOf(job: Job): number;
}

/** Limits of a batch keep the transaction short and its outbox row small. */
const maxJobs = 100;
const maxCharacters = 1_000_000;
/** A failed job that is forgotten only makes its next batch fail and be halved again. */
const maxFailed = 10_000;

/**
 * Combines concurrent jobs of a company into one transaction. An idle batcher stores a job at once; jobs that arrive during a
 * transaction form the next batch. Jobs do not fail because of each other: a failed batch is halved until the failing job is alone.
 * Further attempts of that job run alone, beside the batches.
 */
export class Batcher<Job extends CompanyJob> {
  /** Queued jobs by company. A company has an entry only while it is being drained. */
  private readonly waiting = new Map<string, Entry<Job>[]>();
  private readonly failed = new RecentIds(maxFailed);

  constructor(private readonly options: BatcherOptions<Job>) {}

  /** Resolves when the job is committed. Rejects with the error of this job, or when Postgres is unavailable. */
  add(job: Job): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry = { job, size: this.options.sizeOf(job), resolve, reject };
      if (this.failed.size > 0 && this.failed.has(this.options.nameOf(job))) {
        void this.flush([entry]);
        return;
      }
      const entries = this.waiting.get(job.companyId);
      if (entries) {
        entries.push(entry);
        return;
      }
      this.waiting.set(job.companyId, [entry]);
      void this.drain(job.companyId);
    });
  }

  private async drain(companyId: string): Promise<void> {
    const entries = this.waiting.get(companyId) ?? [];
    await undefined; // collects the jobs that arrive in the same turn of the event loop
    while (entries.length > 0) await this.flush(takeBatch(entries));
    this.waiting.delete(companyId);
  }

  private async flush(batch: readonly Entry<Job>[]): Promise<void> {
    const jobs = batch.map(({ job }) => job);
    const [first] = jobs;
    if (!first) return;
    try {
      // A batch runs in the turn of an earlier job. Its log lines name its own first one.
      await withLogContext({ jobId: this.options.nameOf(first) }, () => this.options.store(first.companyId, jobs));
    } catch (error) {
      await this.afterFailure(batch, error);
      return;
    }
    for (const { job, resolve } of batch) {
      if (this.failed.size > 0) this.failed.delete(this.options.nameOf(job));
      resolve();
    }
  }

  private async afterFailure(batch: readonly Entry<Job>[], error: unknown): Promise<void> {
    const isUnavailable = isDatabaseUnavailable(error);
    if (batch.length > 1 && !isUnavailable) {
      const middle = Math.ceil(batch.length / 2);
      await this.flush(batch.slice(0, middle));
      await this.flush(batch.slice(middle));
      return;
    }
    for (const { job, reject } of batch) {
      if (!isUnavailable) this.failed.add(this.options.nameOf(job));
      reject(error);
    }
  }
}

/** Removes a batch from the front: at least one entry. */
function takeBatch<Item extends { size: number }>(entries: Item[]): Item[] {
  let count = 0;
  let size = 0;
  for (const entry of entries) {
    size += entry.size;
    if (count > 0 && (count >= maxJobs || size > maxCharacters)) break;
    count++;
  }
  return entries.splice(0, count);
}
