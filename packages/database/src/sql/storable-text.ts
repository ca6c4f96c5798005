/**
 * What WhatsApp sent, as Postgres can hold it: NUL and halves of surrogate pairs become U+FFFD, everything else stays.
 * Replaced and not removed, so that length and position still tell that something was there.
 */
export const toStorableText = (text: string): string => text.replaceAll("\u0000", "\uFFFD").toWellFormed();

/** The same, of every text in it. */
export const storableJson = (value: object): string =>
  JSON.stringify(value, (_name, part: unknown) => (typeof part === "string" ? toStorableText(part) : part));

/** At most `length` UTF-16 units, never half of a surrogate pair. */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = text.slice(0, length);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
