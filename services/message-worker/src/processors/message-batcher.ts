import type { MessageJob } from "@syszap/contracts";
import { isDatabaseUnavailable } from "@syszap/database";

interface Waiting {
  job: MessageJob;
  size: number;
  done(): void;
  failed(error: unknown): void;
}
type Store = (companyId: string, jobs: readonly MessageJob[]) => Promise<void>;

/** In messages and in characters of what they say: a transaction stays short, an outbox row small. */
const mostMessages = 100;
const mostCharacters = 1_000_000;
/** Messages that failed by themselves and will be tried again. Forgetting one only costs its next batch a detour. */
const mostSuspects = 10_000;

/**
 * Lets the messages of a company that wait at the same moment share a transaction. Writes at once when idle; what comes while a
 * batch is written makes the next one. Nobody's message fails or waits for another's: a batch that fails is halved until what is
 * wrong stands alone, and from then on that message is stored by itself, beside the others.
 */
export class MessageBatcher {
  private readonly waiting = new Map<string, Waiting[]>();
  private readonly suspects = new Set<string>();

  constructor(private readonly store: Store) {}

  /** Resolves once the message is committed; rejects with what is wrong with this message, or while Postgres is away. */
  add(job: MessageJob): Promise<void> {
    return new Promise((done, failed) => {
      const entry = { job, size: sizeOf(job), done, failed };
      if (this.suspects.has(nameOf(job))) {
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

  private async flush(batch: readonly Waiting[]): Promise<void> {
    const jobs = batch.map(({ job }) => job);
    try {
      await this.store(jobs[0]?.companyId ?? "", jobs);
    } catch (error) {
      await this.afterFailure(batch, error);
      return;
    }
    for (const { job, done } of batch) {
      this.suspects.delete(nameOf(job));
      done();
    }
  }

  private async afterFailure(batch: readonly Waiting[], error: unknown): Promise<void> {
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

  private suspect(job: MessageJob): void {
    const [oldest] = this.suspects;
    if (this.suspects.size >= mostSuspects && oldest !== undefined) this.suspects.delete(oldest);
    this.suspects.add(nameOf(job));
  }
}

/** From the front; at least one. */
function takeBatch(line: Waiting[]): Waiting[] {
  let [count, size] = [0, 0];
  for (const entry of line) {
    size += entry.size;
    if (count > 0 && (count >= mostMessages || size > mostCharacters)) break;
    count++;
  }
  return line.splice(0, count);
}

const nameOf = ({ companyId, sessionId, direction, waKey }: MessageJob) =>
  `${companyId} ${sessionId} ${direction} ${waKey}`;
const sizeOf = ({ body, content }: MessageJob) => body.length + (content ? JSON.stringify(content).length : 0);
