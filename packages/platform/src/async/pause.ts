import { onAbort } from "./on-abort.ts";

/** Resolves after `ms`, or at once when `signal` aborts. Never rejects. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      removeCallback?.();
      resolve();
    };
    const timer = setTimeout(end, ms);
    const removeCallback = signal && onAbort(signal, end);
  });
}
