/**
 * Runs the tasks of one lane one after the other, in the order in which they were added. Tasks of different lanes run
 * concurrently.
 */
export class Lanes {
  /** The last task of each lane that has unfinished tasks. */
  private readonly last = new Map<string, Promise<void>>();
  private idleListeners: (() => void)[] = [];
  private unfinished = 0;

  /** Number of unfinished tasks. */
  get size(): number {
    return this.unfinished;
  }

  /** `task` must not reject. */
  add(lane: string, task: () => Promise<void>): void {
    this.unfinished += 1;
    const done = (this.last.get(lane) ?? Promise.resolve()).then(task).finally(() => {
      this.unfinished -= 1;
      if (this.last.get(lane) === done) this.last.delete(lane);
      if (this.unfinished === 0) this.notifyIdle();
    });
    this.last.set(lane, done);
  }

  /** Resolves when no task is unfinished. */
  async idle(): Promise<void> {
    if (this.unfinished > 0) await new Promise<void>((resolve) => this.idleListeners.push(resolve));
  }

  private notifyIdle(): void {
    for (const resolve of this.idleListeners.splice(0)) resolve();
  }
}
