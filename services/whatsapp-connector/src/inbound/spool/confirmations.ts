import type { Logger } from "@syszap/platform";
import { PeriodicTask } from "@syszap/platform/async";
import type { FactQueue } from "../fact-queue.ts";
import type { SpoolEntry } from "./entry.ts";
import type { Spool } from "./spool.ts";

export interface ConfirmationTimes {
  /** Interval of the checks. A fact that stays in the spool is checked less and less often. */
  everyMs: number;
  /** A job that is unknown to the queue for this long is added again. */
  goneAfterMs: number;
}
export const confirmationTimes: ConfirmationTimes = { everyMs: 1_000, goneAfterMs: 30_000 };

interface ConfirmationsOptions {
  spool: Spool;
  queue: Pick<FactQueue, "fatesOf">;
  /** Returns those of the jobs that are dead letters. */
  deadLettersAmong(jobIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** The fact was stored, or its job is a dead letter, and it has left the spool. */
  onRemoved(entry: SpoolEntry, reason: "stored" | "deadLettered"): void;
  /** The queue lost the job: the fact must be forwarded again. */
  onLost(entry: SpoolEntry): void;
  times: ConfirmationTimes;
  log: Logger;
}

interface Watched {
  entry: SpoolEntry;
  sinceMs: number;
  nextCheckAtMs: number;
}

const maxPerRequest = 1_000;
const maxCheckIntervalMs = 10_000;

/** Removes facts from the spool when their jobs are completed or dead-lettered. */
export class Confirmations {
  private readonly watched = new Set<Watched>();
  private readonly checking: PeriodicTask;
  private isQueueAway = false;

  constructor(private readonly options: ConfirmationsOptions) {
    this.checking = new PeriodicTask({
      everyMs: options.times.everyMs,
      run: () => this.check(this.due()),
      onError: (err) => options.log.error({ err }, "could not check the spooled facts"),
      jitterRatio: 0,
    });
    this.checking.start();
  }

  /** Starts watching a fact whose job the queue holds. */
  watch(entry: SpoolEntry): void {
    const nowMs = performance.now();
    this.watched.add({ entry, sinceMs: nowMs, nextCheckAtMs: nowMs });
  }

  /** Checks all facts once more, so that the next process need not forward them again. */
  async close(): Promise<void> {
    await this.checking.stop();
    await this.check([...this.watched]);
  }

  private due(): Watched[] {
    const nowMs = performance.now();
    return [...this.watched].filter(({ nextCheckAtMs }) => nextCheckAtMs <= nowMs);
  }

  /** Never rejects. */
  private async check(due: Watched[]): Promise<void> {
    try {
      for (let at = 0; at < due.length; at += maxPerRequest) await this.checkSome(due.slice(at, at + maxPerRequest));
      await this.options.spool.tidy();
      this.isQueueAway = false;
    } catch (err) {
      if (!this.isQueueAway) this.options.log.warn({ err }, "could not confirm the facts: they stay in the spool");
      this.isQueueAway = true;
    }
  }

  private async checkSome(due: Watched[]): Promise<void> {
    const { queue, times } = this.options;
    const fates = await queue.fatesOf(due.map(({ entry }) => entry.jobId));
    const nowMs = performance.now();
    const gone: Watched[] = [];
    for (const [at, watched] of due.entries()) {
      const ageMs = nowMs - watched.sinceMs;
      watched.nextCheckAtMs = nowMs + Math.min(ageMs, maxCheckIntervalMs);
      if (fates[at] === "done") this.remove(watched, "stored");
      else if (fates[at] === "gone" && ageMs >= times.goneAfterMs) gone.push(watched);
    }
    if (gone.length > 0) await this.decide(gone);
  }

  /** A failed job is written to the dead letters before it is removed from the queue. */
  private async decide(gone: Watched[]): Promise<void> {
    const deadLetters = await this.options.deadLettersAmong(gone.map(({ entry }) => entry.jobId));
    for (const watched of gone) {
      const { entry } = watched;
      if (deadLetters.has(entry.jobId)) {
        this.remove(watched, "deadLettered");
        continue;
      }
      this.watched.delete(watched);
      this.options.onLost(entry);
    }
  }

  private remove(watched: Watched, reason: "stored" | "deadLettered"): void {
    this.watched.delete(watched);
    this.options.spool.done(watched.entry);
    this.options.onRemoved(watched.entry, reason);
  }
}
