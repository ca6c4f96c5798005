/** Before the next attempt, after so many that failed; undefined: there is none. Spread, so that what failed together does not come together. */
export function retryDelayMs(
  delaysSeconds: readonly number[],
  failed: number,
  random = Math.random,
): number | undefined {
  const seconds = delaysSeconds[failed - 1];
  return seconds === undefined ? undefined : seconds * 1_000 * (0.9 + random() * 0.2);
}
