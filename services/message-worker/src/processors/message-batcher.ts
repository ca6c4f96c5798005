import type { MessageJob } from "@syszap/contracts";
import { isDatabaseUnavailable } from "@syszap/database";

interface Waiting {
  job: MessageJob;
  size: number;
  done(): void;
  failed(error: unknown): void;
}
/** In messages and in characters of what they say: a transaction stays short, an outbox row small. */
const mostMessages = 100;
const mostCharacters = 1_000_000;

/**
 * Lets the messages of a company that wait at the same moment share a transaction. Writes at once when idle; what comes while a
 * batch is written makes the next one. Nobody's message fails for another's: a batch that fails is stored one by one.
 */
export class MessageBatcher {
  private readonly waiting = new Map<string, Waiting[]>();

  constructor(private readonly store: (companyId: string, jobs: readonly MessageJob[]) => Promise<void>) {}

  /** Resolves once the message is committed; rejects with what is wrong with this message, or while Postgres is away. */
  add(job: MessageJob): Promise<void> {
    return new Promise((done, failed) => {
      const entry = { job, size: sizeOf(job), done, failed };
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
    while (line.length > 0) await this.flush(companyId, takeBatch(line));
    this.waiting.delete(companyId);
  }

  private async flush(companyId: string, batch: readonly Waiting[]): Promise<void> {
    try {
      await this.store(
        companyId,
        batch.map(({ job }) => job),
      );
    } catch (error) {
      if (batch.length > 1 && !isDatabaseUnavailable(error)) {
        for (const each of batch) await this.flush(companyId, [each]);
      } else for (const { failed } of batch) failed(error);
      return;
    }
    for (const { done } of batch) done();
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

const sizeOf = ({ body, content }: MessageJob) => body.length + (content ? JSON.stringify(content).length : 0);
