import type { Direction } from "@syszap/contracts";
import { direction as directions } from "@syszap/contracts/constants";
import { Store } from "../lib/store.ts";

const minutesShown = 30;
const minuteMs = 60_000;

interface Counts {
  received: number;
  sent: number;
  /** By minute since the epoch; minutes that are no longer shown are removed. */
  perMinute: ReadonlyMap<number, number>;
}
const noCounts: Counts = { received: 0, sent: 0, perMinute: new Map() };

/** Counts the messages that arrived while this page is open. */
export class Traffic {
  readonly store = new Store<Counts>(noCounts);

  count(direction: Direction, nowMs = Date.now()): void {
    const minute = Math.floor(nowMs / minuteMs);
    this.store.update(({ received, sent, perMinute }) => {
      const next = new Map([...perMinute].filter(([each]) => each > minute - minutesShown));
      next.set(minute, (next.get(minute) ?? 0) + 1);
      return {
        received: received + (direction === directions.in ? 1 : 0),
        sent: sent + (direction === directions.out ? 1 : 0),
        perMinute: next,
      };
    });
  }

  clear(): void {
    this.store.set(noCounts);
  }
}

/** The counts of the last minutes, oldest first. */
export function lastMinutes({ perMinute }: Counts, nowMs: number): number[] {
  const minute = Math.floor(nowMs / minuteMs);
  return Array.from({ length: minutesShown }, (_, index) => perMinute.get(minute - minutesShown + 1 + index) ?? 0);
}
