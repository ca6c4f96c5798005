import type { Logger } from "pino";

/** Ctrl-C under npm sends the signal twice within 2 ms; a person who insists needs longer than that. */
const repeatedSignalMs = 1_000;

/** Closes what was opened, newest first; a missed deadline exits 1, and so does a second signal after a second. */
export class Lifecycle {
  private readonly closers: { name: string; close: () => unknown }[] = [];
  private stopping?: Promise<void>;

  constructor(
    private readonly log: Logger,
    private readonly deadlineMs: number,
  ) {}

  /** Stops on SIGTERM and SIGINT, then exits. */
  listenToSignals(): void {
    let firstSignalAt: number | undefined;
    const onSignal = () => {
      if (firstSignalAt !== undefined) {
        if (Date.now() - firstSignalAt > repeatedSignalMs) process.exit(1);
        return;
      }
      firstSignalAt = Date.now();
      setTimeout(() => {
        this.log.error({ deadlineMs: this.deadlineMs }, "stop missed its deadline");
        process.exit(1);
      }, this.deadlineMs).unref();
      void this.stop().then(() => process.exit(0));
    };
    process.on("SIGTERM", onSignal);
    process.on("SIGINT", onSignal);
  }

  onStop(name: string, close: () => unknown): void {
    this.closers.push({ name, close });
  }

  /** Calling it again waits for the same stop. A closer that fails is logged and does not keep the others from closing. */
  stop(): Promise<void> {
    this.stopping ??= this.closeNewestFirst();
    return this.stopping;
  }

  private async closeNewestFirst(): Promise<void> {
    for (const { name, close } of this.closers.toReversed()) {
      try {
        await close();
      } catch (err) {
        this.log.error({ err, name }, "failed to close");
      }
    }
  }
}
