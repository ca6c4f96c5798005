import { onAbort } from "./on-abort.ts";

/** Thrown by `withTimeout` unless the caller provides an error. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

export interface TimeoutOptions {
  timeoutMs: number;
  /** Describes the work in the message of the `TimeoutError`, or creates another error. */
  error: string | (() => Error);
  /** Rejects at once, with the same error, when it aborts. */
  signal?: AbortSignal;
}

/**
 * Returns the result of `work`, or rejects when it takes longer than `timeoutMs`. The work itself is not cancelled; if it
 * fails later, its error is ignored.
 */
export async function withTimeout<Result>(work: Promise<Result>, options: TimeoutOptions): Promise<Result> {
  const { timeoutMs, error, signal } = options;
  const createError = () =>
    typeof error === "string" ? new TimeoutError(`${error} took longer than ${timeoutMs} ms`) : error();
  let release = () => {};
  const timeout = new Promise<never>((_, reject) => {
    const giveUp = () => reject(createError());
    const timer = setTimeout(giveUp, timeoutMs);
    const removeCallback = signal && onAbort(signal, giveUp);
    release = () => {
      clearTimeout(timer);
      removeCallback?.();
    };
    if (signal?.aborted) giveUp();
  });
  return await Promise.race([work, timeout]).finally(release);
}

/**
 * Returns the result of `work`, or undefined when it takes longer than `timeoutMs`. The work itself is not cancelled; if it
 * fails later, its error is ignored.
 */
export async function resultWithin<Result>(work: Promise<Result>, timeoutMs: number): Promise<Result | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, undefined);
  });
  return await Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}
