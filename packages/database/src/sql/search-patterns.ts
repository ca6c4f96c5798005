import { numberSearchParts } from "@syszap/contracts";

/** Patterns for ILIKE and LIKE. The search text is matched literally: `%`, `_` and `\` are escaped. */
export function searchPatterns(search: string | undefined): { name: string | null; number: string | null } {
  const text = search?.trim();
  if (!text) return { name: null, number: null };
  const parts = numberSearchParts(text);
  return { name: `%${literally(plain(text))}%`, number: parts ? `%${parts.join("%")}%` : null };
}

/** Applies the parts of the database's `searchable` function that could produce a wildcard or an escape after escaping here. */
const plain = (text: string) => text.normalize("NFKC").replaceAll("\u2216", "\\");
const literally = (text: string) => text.replace(/[\\%_]/g, "\\$&");
