import type { Statistics } from "@syszap/contracts";

export interface Point {
  /** Milliseconds since the epoch. */
  atMs: number;
  received: number;
  sent: number;
}

const minuteMs = 60_000;
const minutesOfHour = 60;
const binSizes = [1, 2, 5, 10, 15, 30, 60];
const minBinWidth = 3;

/** The smallest number of minutes for which a bin of a day is wide enough to be seen. */
export const binMinutesFor = (width: number): number =>
  binSizes.find((minutes) => (width / (24 * minutesOfHour)) * minutes >= minBinWidth) ?? minutesOfHour;

/** Mean messages per minute in bins of several minutes, from the start of the day up to the present one. */
export function perMinute(
  { startsAt, received, sent }: Statistics["today"],
  binMinutes: number,
  nowMs: number,
): Point[] {
  const startMs = Date.parse(startsAt);
  const elapsed = Math.max(received.length, Math.floor((nowMs - startMs) / minuteMs) + 1);
  return Array.from({ length: Math.ceil(elapsed / binMinutes) }, (_, bin) => {
    const from = bin * binMinutes;
    const minutes = Math.min(binMinutes, elapsed - from);
    return {
      atMs: startMs + from * minuteMs,
      received: sumOf(received, from, from + minutes) / minutes,
      sent: sumOf(sent, from, from + minutes) / minutes,
    };
  });
}

/** Messages of each hour of the day up to the present one. */
export function perHour({ startsAt, received, sent }: Statistics["today"], nowMs: number): Point[] {
  const startMs = Date.parse(startsAt);
  const hours = Math.max(1, Math.ceil(Math.max(received.length, (nowMs - startMs) / minuteMs) / minutesOfHour));
  return Array.from({ length: hours }, (_, hour) => {
    const from = hour * minutesOfHour;
    const until = from + minutesOfHour;
    return { atMs: startMs + from * minuteMs, received: sumOf(received, from, until), sent: sumOf(sent, from, until) };
  });
}

export const sumOf = (counts: readonly number[], from = 0, until = counts.length): number =>
  counts.slice(from, until).reduce((sum, count) => sum + count, 0);
