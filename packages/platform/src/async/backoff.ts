import { pause } from "./pause.ts";

/** Exponential backoff: the ceiling starts at `firstMs` and doubles with each retry, up to `maxMs`. */
export interface Backoff {
  firstMs: number;
  maxMs: number;
  /** Full jitter (the default) draws from 0 to the ceiling; equal jitter draws from half the ceiling to the ceiling. */
  jitter?: "full" | "equal";
}

/**
 * Returns the delay in milliseconds before a retry; the first retry has number 0. The delay is random, so that callers
 * that failed at the same moment do not retry at the same moment.
 */
export function backoffDelay(retry: number, backoff: Backoff, random: () => number = Math.random): number {
  const ceilingMs = Math.min(backoff.firstMs * 2 ** Math.min(retry, 30), backoff.maxMs);
  return backoff.jitter === "equal" ? ceilingMs * (0.5 + random() / 2) : ceilingMs * random();
}

/** Returns a random duration within `ratio` of `ms`: a ratio of 0.25 gives 75 % to 125 % of it. */
export function jittered(ms: number, ratio: number, random: () => number = Math.random): number {
  return ms * (1 - ratio + 2 * ratio * random());
}

export interface RetryOptions {
  backoff: Backoff;
  /** Ends the retries; an attempt in progress is not interrupted. */
  signal: AbortSignal;
  /** Called after each failed attempt, before the delay. */
  onFailure?: (err: unknown, retry: number) => void;
}

/** Repeats `attempt` until it succeeds. Returns undefined when `signal` aborts first; never rejects because of `attempt`. */
export async function retryUntilAborted<Result>(
  attempt: () => Promise<Result>,
  { backoff, signal, onFailure }: RetryOptions,
): Promise<{ result: Result } | undefined> {
  for (let retry = 0; !signal.aborted; retry += 1) {
    try {
      return { result: await attempt() };
    } catch (err) {
      onFailure?.(err, retry);
      await pause(backoffDelay(retry, backoff), signal);
    }
  }
  return undefined;
}
