export { type Backoff, backoffDelay, jittered, type RetryOptions, retryUntilAborted } from "./backoff.ts";
export { onAbort } from "./on-abort.ts";
export { pause } from "./pause.ts";
export { PeriodicTask, type PeriodicTaskOptions } from "./periodic-task.ts";
export { RecentIds } from "./recent-ids.ts";
export { SingleFlight } from "./single-flight.ts";
export { resultWithin, TimeoutError, type TimeoutOptions, withTimeout } from "./timeout.ts";
