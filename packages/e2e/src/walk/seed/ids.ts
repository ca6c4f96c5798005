/** The time on all clocks: a Tuesday afternoon in São Paulo. */
export const now = new Date("2026-03-10T17:30:00.000Z");
export const timeZone = "America/Sao_Paulo";

/** A time this many minutes before `now`. */
export const ago = (minutes: number): string => new Date(now.getTime() - minutes * 60_000).toISOString();
export const inMinutes = (minutes: number): string => ago(-minutes);
export const hours = 60;
export const days = 24 * hours;

/** A valid UUID that is always the same for the same kind and number. */
export const idOf = (kind: string, number: number): string => {
  const digits = [...kind].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 0xffff_ffff, 7);
  return `${digits.toString(16).padStart(8, "0")}-0000-4000-8000-${String(number).padStart(12, "0")}`;
};

/** A sequence of fractions from 0 to 1 that is always the same. */
export function fractions(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
