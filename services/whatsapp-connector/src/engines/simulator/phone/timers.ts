/** Timers of one phone. `clear` cancels all of them. */
export class Timers {
  private readonly pending = new Set<NodeJS.Timeout>();

  /** Returns a function that cancels the timer. */
  after(delayMs: number, run: () => void): () => void {
    const timer = setTimeout(() => {
      this.pending.delete(timer);
      run();
    }, delayMs);
    this.pending.add(timer);
    return () => {
      clearTimeout(timer);
      this.pending.delete(timer);
    };
  }

  clear(): void {
    for (const timer of this.pending) clearTimeout(timer);
    this.pending.clear();
  }
}
