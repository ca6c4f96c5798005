import type { Logger } from "pino";
import { pause } from "./async/pause.ts";

/** Repeated signals within this time are ignored: Ctrl-C under npm sends SIGINT twice within 2 ms. */
const repeatedSignalMs = 1_000;

/** Stop sequence of a process: runs the registered closers, newest first. */
export class Lifecycle {
  private readonly closers: { name: string; close: () => unknown }[] = [];
  private stopping?: Promise<void>;
  private readonly drain = { pauseMs: 0, start: () => {} };

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
      const deadlineMs = this.deadlineMs + this.drain.pauseMs;
      setTimeout(() => {
        this.log.error({ deadlineMs }, "stop missed its deadline");
        process.exit(1);
      }, deadlineMs).unref();
      void this.drainAndStop().then(() => process.exit(0));
    };
    process.on("SIGTERM", onSignal);
    process.on("SIGINT", onSignal);
  }

  /** After a signal, `start` makes the process "not ready". It continues to serve for `pauseMs` before it stops. */
  beforeStop(drain: { pauseMs: number; start: () => void }): void {
    Object.assign(this.drain, drain);
  }

  onStop(name: string, close: () => unknown): void {
    this.closers.push({ name, close });
  }

  /** Runs all closers once; further calls wait for the same stop. A failing closer is logged and does not stop the others. */
  stop(): Promise<void> {
    this.stopping ??= this.closeNewestFirst();
    return this.stopping;
  }

  private async drainAndStop(): Promise<void> {
    this.drain.start();
    await pause(this.drain.pauseMs);
    await this.stop();
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
