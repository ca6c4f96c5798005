/** Cuts `text` to `length` and replaces characters that JSON or Postgres cannot store with U+FFFD. */
export function storableText(text: string, length: number): string {
  return text.slice(0, length).replaceAll("\u0000", "\uFFFD").toWellFormed();
}
