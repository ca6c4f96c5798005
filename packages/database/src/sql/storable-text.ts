/**
 * Replaces what Postgres cannot store, NUL and lone surrogates, with U+FFFD. The characters are not removed, so that the length and
 * the other positions stay the same.
 */
export const toStorableText = (text: string): string => text.replaceAll("\u0000", "\uFFFD").toWellFormed();

/** JSON of `value` with every text made storable. */
export const storableJson = (value: object): string =>
  JSON.stringify(value, (_name, part: unknown) => (typeof part === "string" ? toStorableText(part) : part));

/** Cuts text to at most `length` UTF-16 units, without splitting a surrogate pair. */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = text.slice(0, length);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
