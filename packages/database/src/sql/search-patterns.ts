/** Patterns for ILIKE and LIKE. What the person typed is looked for as it stands: `%`, `_` and `\` mean themselves. */
export function searchPatterns(search: string | undefined): { name: string | null; number: string | null } {
  const text = search?.trim();
  if (!text) return { name: null, number: null };
  const digits = text.replace(/\D/g, "");
  // "+55 (11) 9…" is a number; "Ana 2" is a name with a digit in it.
  const isNumber = digits !== "" && !/[^\d\s()+.-]/.test(text);
  return { name: `%${literally(plain(text))}%`, number: isNumber ? `%${digits}%` : null };
}

/** What else `searchable` of the database would make a wildcard or an escape, after it was escaped here. */
const plain = (text: string) => text.normalize("NFKC").replaceAll("\u2216", "\\");
const literally = (text: string) => text.replace(/[\\%_]/g, "\\$&");
