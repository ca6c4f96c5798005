import { jittered } from "./backoff.ts";

export interface PeriodicTaskOptions {
  /** From the end of one run to the start of the next. */
  everyMs: number;
  run: () => Promise<unknown>;
  /** Called when a run fails; the task continues. Must not throw. */
  onError: (err: unknown) => void;
  /** Variation of `everyMs`, so that several processes do not run at the same moment. The default 0.25 means ±25 %. */
  jitterRatio?: number;
  /** Also runs when the task is started. By default the first run comes after `everyMs`. */
  runsAtStart?: boolean;
}

/** Runs a function again and again. Runs never overlap, and the timer does not keep the process alive. */
export class PeriodicTask {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private isStopped = false;

  constructor(private readonly options: PeriodicTaskOptions) {}

  /** Must be called once. */
  start(): void {
    if (this.options.runsAtStart) this.running = this.runOnce();
    else this.schedule();
  }

  /** Starts no further run, and resolves when the current run has ended. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private schedule(): void {
    if (this.isStopped) return;
    const { everyMs, jitterRatio = 0.25 } = this.options;
    this.timer = setTimeout(
      () => {
        this.running = this.runOnce();
      },
      jittered(everyMs, jitterRatio),
    ).unref();
  }

  private async runOnce(): Promise<void> {
    try {
      await this.options.run();
    } catch (err) {
      this.options.onError(err);
    }
    this.schedule();
  }
}
