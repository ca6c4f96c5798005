import type { Direction } from "@syszap/contracts";
import { Store } from "../lib/store.ts";

const minutesShown = 30;
const minuteMs = 60_000;

interface Counts {
  received: number;
  sent: number;
  /** By minute of the epoch; only the newest are kept. */
  perMinute: ReadonlyMap<number, number>;
}
const none: Counts = { received: 0, sent: 0, perMinute: new Map() };

/** Counts the messages that this page saw. */
export class Traffic {
  readonly store = new Store<Counts>(none);

  count(direction: Direction, nowMs = Date.now()): void {
    const minute = Math.floor(nowMs / minuteMs);
    this.store.update(({ received, sent, perMinute }) => {
      const next = new Map([...perMinute].filter(([each]) => each > minute - minutesShown));
      next.set(minute, (next.get(minute) ?? 0) + 1);
      return {
        received: received + (direction === 0 ? 1 : 0),
        sent: sent + (direction === 1 ? 1 : 0),
        perMinute: next,
      };
    });
  }

  clear(): void {
    this.store.set(none);
  }
}

/** Oldest first, one number for each of the last minutes. */
export function lastMinutes({ perMinute }: Counts, nowMs: number): number[] {
  const minute = Math.floor(nowMs / minuteMs);
  return Array.from({ length: minutesShown }, (_, index) => perMinute.get(minute - minutesShown + 1 + index) ?? 0);
}
