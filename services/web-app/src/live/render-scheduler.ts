/** Least time between two renderings under load. */
const intervalMs = 50;

type Callback = () => void;

/**
 * Runs a callback at the end of the current task, without a timer, which browsers may delay. Under load, the callbacks of an interval
 * run together at its end, so that React renders once for all of them and the page can answer in between.
 */
export function createRenderScheduler(): (callback: Callback) => void {
  let waiting: Callback[] = [];
  let isScheduled = false;
  let lastRunAtMs = Number.NEGATIVE_INFINITY;
  const run = () => {
    const callbacks = waiting;
    waiting = [];
    isScheduled = false;
    for (const callback of callbacks) callback();
    lastRunAtMs = performance.now();
  };
  return (callback) => {
    waiting.push(callback);
    if (isScheduled) return;
    isScheduled = true;
    const restMs = lastRunAtMs + intervalMs - performance.now();
    if (restMs > 0) setTimeout(run, restMs);
    else queueMicrotask(run);
  };
}
