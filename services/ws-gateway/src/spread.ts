/** Returns a random delay below `withinMs`, so that many clients do not act at the same moment. */
export const spread = (withinMs: number): number => Math.floor(Math.random() * withinMs);
