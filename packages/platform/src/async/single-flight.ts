/**
 * Runs `work` at most once at a time. Requests that arrive during a run share one further run, which starts when the
 * current run has ended.
 */
export class SingleFlight {
  private running: Promise<void> | undefined;
  private isRequested = false;

  /** `work` must not reject. */
  constructor(private readonly work: () => Promise<void>) {}

  /** Resolves when a run that started after this call has ended. */
  request(): Promise<void> {
    this.isRequested = true;
    this.running ??= this.run();
    return this.running;
  }

  /** Resolves when no run is in progress. */
  async idle(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    await Promise.resolve(); // `running` must be assigned before the loop can clear it
    while (this.isRequested) {
      this.isRequested = false;
      await this.work();
    }
    this.running = undefined; // synchronous with the check above, so that no request is lost in between
  }
}
