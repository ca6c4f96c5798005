import type { Logger } from "@syszap/platform";

const firstPauseMs = 100;
const longestPauseMs = 2_000;

/** Where jobs wait while Postgres is away. One look at it serves all of them. */
export class DatabaseGate {
  private waiting: Promise<boolean> | undefined;
  private readonly stopping = new AbortController();

  constructor(
    private readonly ping: () => Promise<void>,
    private readonly log: Logger,
  ) {}

  /** Resolves to true when Postgres answers again; to false when the process stops first. */
  untilBack(): Promise<boolean> {
    this.waiting ??= this.wait().finally(() => {
      this.waiting = undefined;
    });
    return this.waiting;
  }

  /** Lets those who wait go, with false. */
  stop(): void {
    this.stopping.abort();
  }

  private async wait(): Promise<boolean> {
    this.log.warn("postgres is away: jobs wait");
    for (let pauseMs = firstPauseMs; !this.stopping.signal.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      if (await this.answers()) {
        this.log.info("postgres is back: jobs go on");
        return true;
      }
      await pause(pauseMs * (0.5 + Math.random() / 2), this.stopping.signal);
    }
    return false;
  }

  private async answers(): Promise<boolean> {
    try {
      await this.ping();
      return true;
    } catch {
      return false;
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
  });
}
