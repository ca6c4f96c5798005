const firstWord = (name: string): string => name.trim().split(/\s+/)[0] ?? "";

/** The first word of a person's name, or the whole name if one of the `others` has the same first word. */
export function shortName(name: string, others: readonly string[]): string {
  const first = firstWord(name);
  const isAmbiguous = others.some((other) => other !== name && firstWord(other) === first);
  return isAmbiguous ? name : first || name;
}
