import type { Logger } from "@syszap/platform";
import type { FactQueue } from "../fact-queue.ts";
import type { SpoolEntry } from "./entry.ts";
import type { Spool } from "./spool.ts";

export interface ConfirmationTimes {
  /** Between two looks; a fact that stays is looked at ever more rarely. */
  everyMs: number;
  /** So long a job may be unknown to the queue until it is added again. */
  goneAfterMs: number;
}
export const confirmationTimes: ConfirmationTimes = { everyMs: 1_000, goneAfterMs: 30_000 };

interface Options {
  spool: Spool;
  queue: Pick<FactQueue, "fatesOf">;
  /** Of these jobs, those that rest in the dead-letter list. */
  deadLettersAmong(jobIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** It is stored, or rests in the dead-letter list: then WhatsApp may tell it again. */
  onLeft(entry: SpoolEntry, where: "stored" | "deadLettered"): void;
  /** The queue has lost it: it must be handed over once more. */
  onLost(entry: SpoolEntry): void;
  times: ConfirmationTimes;
  log: Logger;
}
interface Watched {
  entry: SpoolEntry;
  sinceMs: number;
  lookAtMs: number;
}
const mostPerLook = 1_000;
const rarestLookMs = 10_000;

/** Lets facts leave the spool: each when its job is seen completed, or in the dead-letter list. */
export class Confirmations {
  private readonly watched = new Set<Watched>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private isClosed = false;
  private isAway = false;

  constructor(private readonly options: Options) {
    this.plan();
  }

  /** From when the queue has taken the job. */
  watch(entry: SpoolEntry): void {
    const nowMs = performance.now();
    this.watched.add({ entry, sinceMs: nowMs, lookAtMs: nowMs });
  }

  /** Looks once more, so that the next process need not. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    await this.looking;
    await this.look([...this.watched]);
  }

  private plan(): void {
    if (this.isClosed) return;
    this.timer = setTimeout(() => {
      const nowMs = performance.now();
      const due = [...this.watched].filter(({ lookAtMs }) => lookAtMs <= nowMs);
      this.looking = this.look(due).then(() => this.plan());
    }, this.options.times.everyMs);
  }

  /** Never rejects. */
  private async look(due: Watched[]): Promise<void> {
    try {
      for (let at = 0; at < due.length; at += mostPerLook) await this.lookAt(due.slice(at, at + mostPerLook));
      await this.options.spool.tidy();
      this.isAway = false;
    } catch (err) {
      if (!this.isAway) this.options.log.warn({ err }, "what became of facts can't be seen: they stay in the spool");
      this.isAway = true;
    }
  }

  private async lookAt(due: Watched[]): Promise<void> {
    const { queue, times } = this.options;
    const fates = await queue.fatesOf(due.map(({ entry }) => entry.jobId));
    const nowMs = performance.now();
    const gone: Watched[] = [];
    for (const [at, watched] of due.entries()) {
      const ageMs = nowMs - watched.sinceMs;
      watched.lookAtMs = nowMs + Math.min(ageMs, rarestLookMs);
      if (fates[at] === "done") this.leave(watched, "stored");
      else if (fates[at] === "gone" && ageMs >= times.goneAfterMs) gone.push(watched);
    }
    if (gone.length > 0) await this.decide(gone);
  }

  /** A failed job leaves the queue for the dead-letter list, where it is written first. */
  private async decide(gone: Watched[]): Promise<void> {
    const deadLetters = await this.options.deadLettersAmong(gone.map(({ entry }) => entry.jobId));
    for (const watched of gone) {
      const { entry } = watched;
      if (deadLetters.has(entry.jobId)) {
        this.leave(watched, "deadLettered");
        continue;
      }
      this.watched.delete(watched);
      this.options.onLost(entry);
    }
  }

  private leave(watched: Watched, where: "stored" | "deadLettered"): void {
    this.watched.delete(watched);
    this.options.spool.done(watched.entry);
    this.options.onLeft(watched.entry, where);
  }
}
