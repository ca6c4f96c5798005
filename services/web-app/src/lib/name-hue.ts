const hues = [160, 190, 215, 250, 285, 325, 15, 40, 95];

/** The hue of a person's colour, derived from the name. */
export function hueOf(name: string): number {
  let sum = 0;
  for (const char of name) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 9_973;
  return hues[sum % hues.length] ?? 160;
}
