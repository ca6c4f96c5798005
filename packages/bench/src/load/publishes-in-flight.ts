const pollIntervalMs = 5;

/** Publishes that Redis has not confirmed. A publisher must not exit before they have settled, because it counts them. */
export class PublishesInFlight {
  inFlight = 0;
  private failure: { err: unknown } | undefined;

  add(publish: Promise<unknown>): void {
    this.inFlight += 1;
    publish
      .catch((err: unknown) => {
        this.failure ??= { err };
      })
      .finally(() => {
        this.inFlight -= 1;
      });
  }

  /** Resolves when all publishes are confirmed. Rejects if one has failed: the number of published events is then unknown. */
  async settled(): Promise<void> {
    while (this.inFlight > 0) await new Promise((resolve) => setTimeout(resolve, pollIntervalMs));
    if (this.failure) throw new Error("An event could not be published.", { cause: this.failure.err });
  }
}
