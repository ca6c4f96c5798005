/** Patterns for ILIKE and LIKE. What the person typed is looked for as it stands: `%`, `_` and `\` mean themselves. */
export function searchPatterns(search: string | undefined): { name: string | null; number: string | null } {
  const text = search?.trim();
  if (!text) return { name: null, number: null };
  const digits = text.replace(/\D/g, "");
  // "+55 (11) 9…" is a number; "Ana 2" is a name with a digit in it.
  const isNumber = digits !== "" && !/[^\d\s()+.-]/.test(text);
  return { name: `%${literally(text)}%`, number: isNumber ? `%${digits}%` : null };
}

const literally = (text: string) => text.replace(/[\\%_]/g, "\\$&");
