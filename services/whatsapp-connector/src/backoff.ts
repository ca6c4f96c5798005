import { setTimeout as wait } from "node:timers/promises";

export interface Backoff {
  firstMs: number;
  mostMs: number;
}

/** Doubles from try to try, with full jitter, so that many who failed together don't come back together. */
export function delayBefore(retry: number, backoff: Backoff): number {
  return Math.random() * Math.min(backoff.firstMs * 2 ** Math.min(retry, 30), backoff.mostMs);
}

/** Resolves after the delay, or at once when `signal` aborts. */
export async function pause(delayMs: number, signal?: AbortSignal): Promise<void> {
  await wait(delayMs, undefined, signal && { signal }).catch(() => undefined);
}

/** Repeats `attempt` until it succeeds; undefined when `signal` aborted first. `onFailure` is called after each failure. */
export async function untilDone<Result>(
  attempt: () => Promise<Result>,
  options: { backoff: Backoff; signal: AbortSignal; onFailure?: (err: unknown, retry: number) => void },
): Promise<{ result: Result } | undefined> {
  for (let retry = 0; !options.signal.aborted; retry += 1) {
    try {
      return { result: await attempt() };
    } catch (err) {
      options.onFailure?.(err, retry);
      await pause(delayBefore(retry, options.backoff), options.signal);
    }
  }
  return undefined;
}

/** Rejects with the given words when the work takes longer; the work itself is not ended by it. */
export async function within<Result>(timeoutMs: number, what: string, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
