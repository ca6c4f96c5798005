/** Runs tasks of the same lane one after the other, in the order in which they were added; lanes don't wait for each other. */
export class Lanes {
  private readonly last = new Map<string, Promise<void>>();
  private waiting: (() => void)[] = [];
  private count = 0;

  /** Tasks that have not ended. */
  get size(): number {
    return this.count;
  }

  /** A task does not reject. */
  add(lane: string, task: () => Promise<void>): void {
    this.count += 1;
    const done = (this.last.get(lane) ?? Promise.resolve()).then(task).finally(() => {
      this.count -= 1;
      if (this.last.get(lane) === done) this.last.delete(lane);
      if (this.count === 0) for (const resolve of this.waiting.splice(0)) resolve();
    });
    this.last.set(lane, done);
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    if (this.count > 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
}
