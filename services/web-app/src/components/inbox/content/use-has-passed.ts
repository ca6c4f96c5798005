import { useEffect, useState } from "react";

/** Longer delays overflow the browser's timers. */
const maxDelayMs = 24 * 3_600_000;

/** Whether the time has passed; becomes true when it does. False without a time. */
export function useHasPassed(time: string | undefined): boolean {
  const atMs = time === undefined ? Number.POSITIVE_INFINITY : Date.parse(time);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const delayMs = atMs - Date.now();
    if (delayMs <= 0 || delayMs > maxDelayMs) return setNow(Date.now());
    const timer = setTimeout(() => setNow(Date.now()), delayMs);
    return () => clearTimeout(timer);
  }, [atMs]);
  return atMs <= now;
}
