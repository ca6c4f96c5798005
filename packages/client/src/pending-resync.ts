/** A resync that was requested but not emitted yet. It stays pending if the connection is lost before its delay has passed. */
export class PendingResync {
  reason: string | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly emit: (reason: string) => void;

  constructor(emit: (reason: string) => void) {
    this.emit = emit;
  }

  /** Emits after `afterMs`. A newer call replaces the reason and the delay. */
  schedule(reason: string, afterMs: number): void {
    this.reason = reason;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.reason = undefined;
      this.emit(reason);
    }, afterMs);
  }

  /** Stops the timer, but keeps the reason for the next connection. */
  suspend(): void {
    clearTimeout(this.timer);
  }
}
