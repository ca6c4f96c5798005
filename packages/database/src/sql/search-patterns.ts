/** Patterns for ILIKE and LIKE. The search text is matched literally: `%`, `_` and `\` are escaped. */
export function searchPatterns(search: string | undefined): { name: string | null; number: string | null } {
  const text = search?.trim();
  if (!text) return { name: null, number: null };
  const digits = text.replace(/\D/g, "");
  // "+55 (11) 9…" is a number; "Ana 2" is a name with a digit in it.
  const isNumber = digits !== "" && !/[^\d\s()+.-]/.test(text);
  return { name: `%${literally(plain(text))}%`, number: isNumber ? `%${digits}%` : null };
}

/** Applies the parts of the database's `searchable` function that could produce a wildcard or an escape after escaping here. */
const plain = (text: string) => text.normalize("NFKC").replaceAll("\u2216", "\\");
const literally = (text: string) => text.replace(/[\\%_]/g, "\\$&");
