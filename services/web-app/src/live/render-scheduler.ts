/** Token bucket: renderings at once, refilled at one per interval. */
const burst = 50;
const intervalMs = 50;

type Callback = () => void;

/**
 * Runs a callback at the end of the current task, without a timer, which browsers may delay. Under load, when the bucket is empty, the
 * callbacks of an interval run together, so that React renders once for all of them and the page can answer in between.
 */
export function createRenderScheduler(): (callback: Callback) => void {
  let waiting: Callback[] = [];
  let isScheduled = false;
  let tokens = burst;
  let refilledAtMs = performance.now();
  const run = () => {
    const callbacks = waiting;
    waiting = [];
    isScheduled = false;
    for (const callback of callbacks) callback();
  };
  return (callback) => {
    waiting.push(callback);
    if (isScheduled) return;
    isScheduled = true;
    const nowMs = performance.now();
    tokens = Math.min(burst, tokens + (nowMs - refilledAtMs) / intervalMs) - 1;
    refilledAtMs = nowMs;
    if (tokens < 0) setTimeout(run, -tokens * intervalMs);
    else queueMicrotask(run);
  };
}
