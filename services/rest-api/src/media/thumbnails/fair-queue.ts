export interface FairQueueLimits {
  concurrency: number;
  /** Jobs of one key that run at the same time. */
  concurrencyPerKey: number;
  maxWaiting: number;
  maxWaitingPerKey: number;
}

/** Too many jobs wait. */
export class QueueFullError extends Error {
  override readonly name = "QueueFullError";
}

/** Runs jobs with limited concurrency. The keys take turns, so that a key with many or slow jobs does not delay the others. */
export class FairQueue {
  /** Waiting jobs by key, in the order of turns. Bounded by `maxWaiting`. */
  private readonly waiting = new Map<string, (() => Promise<void>)[]>();
  /** Running jobs by key. Bounded by `concurrency`. */
  private readonly running = new Map<string, number>();
  private waitingCount = 0;
  private runningCount = 0;

  constructor(private readonly limits: FairQueueLimits) {}

  /** Rejects with `QueueFullError`, or with the error of the job. */
  run<Result>(key: string, job: () => Promise<Result>): Promise<Result> {
    const queue = this.waiting.get(key) ?? [];
    if (this.waitingCount >= this.limits.maxWaiting || queue.length >= this.limits.maxWaitingPerKey)
      return Promise.reject(new QueueFullError("too many jobs are waiting"));
    return new Promise((resolve, reject) => {
      queue.push(() => job().then(resolve, reject));
      this.waiting.set(key, queue);
      this.waitingCount += 1;
      this.startNext();
    });
  }

  private startNext(): void {
    if (this.runningCount >= this.limits.concurrency) return;
    const key = this.nextKey();
    if (key === undefined) return;
    const queue = this.waiting.get(key) ?? [];
    const job = queue.shift();
    this.waiting.delete(key);
    if (queue.length > 0) this.waiting.set(key, queue); // now last in turn
    if (!job) return;
    this.waitingCount -= 1;
    this.count(key, 1);
    void job().finally(() => {
      this.count(key, -1);
      this.startNext();
    });
    this.startNext();
  }

  private nextKey(): string | undefined {
    for (const key of this.waiting.keys()) if ((this.running.get(key) ?? 0) < this.limits.concurrencyPerKey) return key;
    return undefined;
  }

  private count(key: string, change: 1 | -1): void {
    this.runningCount += change;
    const running = (this.running.get(key) ?? 0) + change;
    if (running === 0) this.running.delete(key);
    else this.running.set(key, running);
  }
}
