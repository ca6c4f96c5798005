/** Without case and accents. */
const plainText = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** True if `text` contains `search`, without case and accents. */
export const containsText = (text: string, search: string): boolean =>
  plainText(text).includes(plainText(search.trim()));
