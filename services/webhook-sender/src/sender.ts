import type { Logger } from "@syszap/platform";
import { LaneTurn, type TurnParts } from "./lane-turn.ts";

/** How soon an event is noticed while nothing is under way. */
const lookEveryMs = 250;
const longestPauseMs = 2_000;

export interface SenderOptions extends TurnParts {
  /** Endpoints at the same time. */
  mostLanes: number;
  /** A lane that its sender left without a word is free after this. */
  leaseMs: number;
  log: Logger;
}

/** Looks for endpoints with something due and serves them. Postgres is all it needs, and all it shares with other senders. */
export class Sender {
  private readonly turns = new Set<Promise<void>>();
  private running: Promise<void> | undefined;
  private isStopping = false;
  private wake: () => void = () => undefined;

  constructor(private readonly options: SenderOptions) {}

  start(): void {
    this.running = this.loop();
  }

  /** Resolves when every request under way was answered or timed out, and is written down. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.wake();
    await this.running;
    await Promise.all(this.turns);
  }

  private async loop(): Promise<void> {
    let failures = 0;
    while (!this.isStopping) {
      try {
        const wasBusy = await this.claimAndServe();
        failures = 0;
        if (!wasBusy) await this.pause(lookEveryMs);
      } catch (err) {
        if (failures++ === 0) this.options.log.warn({ err }, "webhooks wait: the database does not answer");
        await this.pause(Math.min(lookEveryMs * 2 ** failures, longestPauseMs));
      }
    }
  }

  /** True when there may be more to claim at once. */
  private async claimAndServe(): Promise<boolean> {
    const { lanes, holder, mostLanes, leaseMs } = this.options;
    const limit = mostLanes - this.turns.size;
    if (limit <= 0) {
      await Promise.race(this.turns);
      return true;
    }
    const claimed = await lanes.claim({ holder, limit, forMs: leaseMs });
    for (const lane of claimed) {
      const turn = new LaneTurn(this.options, lane, () => this.isStopping)
        .run()
        .catch((err: unknown) => this.options.log.warn({ err }, "an endpoint's turn broke off: it comes again"))
        .finally(() => {
          this.turns.delete(turn);
          this.wake();
        });
      this.turns.add(turn);
    }
    return claimed.length === limit;
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.wake = () => undefined;
        resolve();
      };
      const timer = setTimeout(end, ms * (0.75 + Math.random() / 2));
      this.wake = end;
    });
  }
}
