/** Work that never runs twice at a time: asked for while it runs, it runs once more. */
export class Coalesced {
  private running: Promise<void> | undefined;
  private isAskedAgain = false;

  /** `work` does not reject. */
  constructor(private readonly work: () => Promise<void>) {}

  /** Resolves when a run that began after this call has ended. */
  request(): Promise<void> {
    this.isAskedAgain = true;
    this.running ??= this.run();
    return this.running;
  }

  /** Resolves when nothing runs. */
  async idle(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    await Promise.resolve(); // so that `running` is set before it is cleared
    while (this.isAskedAgain) {
      this.isAskedAgain = false;
      await this.work();
    }
    this.running = undefined; // in the same turn as the last check: no request falls between
  }
}
