import { isDatabaseUnavailable } from "@syszap/database";

interface CompanyJob {
  companyId: string;
}
interface Waiting<Job> {
  job: Job;
  size: number;
  done(): void;
  failed(error: unknown): void;
}
interface BatcherOptions<Job> {
  /** All of it in one transaction, or none. */
  store(companyId: string, jobs: readonly Job[]): Promise<void>;
  /** The same for the same job, whenever it is tried. */
  nameOf(job: Job): string;
  /** In characters of what people wrote. */
  sizeOf(job: Job): number;
}

/** A transaction stays short, an outbox row small. */
const mostJobs = 100;
const mostCharacters = 1_000_000;
/** Jobs that failed by themselves and will be tried again. Forgetting one only costs its next batch a detour. */
const mostSuspects = 10_000;

/**
 * Lets the jobs of a company that wait at the same moment share a transaction. Writes at once when idle; what comes while a
 * batch is written makes the next one. Nobody's job fails or waits for another's: a batch that fails is halved until what is
 * wrong stands alone, and from then on that job is done by itself, beside the others.
 */
export class Batcher<Job extends CompanyJob> {
  private readonly waiting = new Map<string, Waiting<Job>[]>();
  private readonly suspects = new Set<string>();

  constructor(private readonly options: BatcherOptions<Job>) {}

  /** Resolves once what the job says is committed; rejects with what is wrong with this job, or while Postgres is away. */
  add(job: Job): Promise<void> {
    return new Promise((done, failed) => {
      const entry = { job, size: this.options.sizeOf(job), done, failed };
      if (this.suspects.size > 0 && this.suspects.has(this.options.nameOf(job))) {
        void this.flush([entry]);
        return;
      }
      const line = this.waiting.get(job.companyId);
      if (line) {
        line.push(entry);
        return;
      }
      this.waiting.set(job.companyId, [entry]);
      void this.drain(job.companyId);
    });
  }

  private async drain(companyId: string): Promise<void> {
    const line = this.waiting.get(companyId) ?? [];
    // Jobs that the queue handed over in the same turn come together.
    await undefined;
    while (line.length > 0) await this.flush(takeBatch(line));
    this.waiting.delete(companyId);
  }

  private async flush(batch: readonly Waiting<Job>[]): Promise<void> {
    const jobs = batch.map(({ job }) => job);
    try {
      await this.options.store(jobs[0]?.companyId ?? "", jobs);
    } catch (error) {
      await this.afterFailure(batch, error);
      return;
    }
    for (const { job, done } of batch) {
      if (this.suspects.size > 0) this.suspects.delete(this.options.nameOf(job));
      done();
    }
  }

  private async afterFailure(batch: readonly Waiting<Job>[], error: unknown): Promise<void> {
    const isAway = isDatabaseUnavailable(error);
    if (batch.length > 1 && !isAway) {
      const middle = Math.ceil(batch.length / 2);
      await this.flush(batch.slice(0, middle));
      await this.flush(batch.slice(middle));
      return;
    }
    for (const { job, failed } of batch) {
      if (!isAway) this.suspect(job);
      failed(error);
    }
  }

  private suspect(job: Job): void {
    const [oldest] = this.suspects;
    if (this.suspects.size >= mostSuspects && oldest !== undefined) this.suspects.delete(oldest);
    this.suspects.add(this.options.nameOf(job));
  }
}

/** From the front; at least one. */
function takeBatch<Entry extends { size: number }>(line: Entry[]): Entry[] {
  let [count, size] = [0, 0];
  for (const entry of line) {
    size += entry.size;
    if (count > 0 && (count >= mostJobs || size > mostCharacters)) break;
    count++;
  }
  return line.splice(0, count);
}
