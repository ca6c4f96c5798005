import { useEffect, useState } from "react";

/** The seconds left until a time, rounded up; 0 after it. */
export function useSecondsUntil(iso: string): number {
  const remaining = () => Math.max(0, Math.ceil((Date.parse(iso) - Date.now()) / 1_000));
  const [seconds, setSeconds] = useState(remaining);
  useEffect(() => {
    setSeconds(remaining());
    const timer = setInterval(() => setSeconds(remaining()), 500);
    return () => clearInterval(timer);
  }, [iso]);
  return seconds;
}
