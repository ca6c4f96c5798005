import type { Logger } from "pino";

/** Repeated signals within this time are ignored: Ctrl-C under npm sends SIGINT twice within 2 ms. */
const repeatedSignalMs = 1_000;

/** Stop sequence of a process: runs the registered closers, newest first. */
export class Lifecycle {
  private readonly closers: { name: string; close: () => unknown }[] = [];
  private stopping?: Promise<void>;

  constructor(
    private readonly log: Logger,
    private readonly deadlineMs: number,
  ) {}

  /** Stops on SIGTERM and SIGINT, then exits with 0. A missed deadline, or another signal after a second, exits with 1. */
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

  /** Runs all closers once; further calls wait for the same stop. A failing closer is logged and does not stop the others. */
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
