/** Dashes, spaces, brackets, dots, slashes and invisible marks (text direction) that people write or paste into numbers. */
const separators = /[\p{Pd}\p{Cf}\p{Z}\s()[\]./\u2212+]/gu;

/** Area code and number of a Brazilian mobile phone, with or without the country code and the ninth digit. */
const brazilianMobile = /^(55)?([1-9]\d)9?([6-9]\d{7})$/;
/** The same without area code. */
const localMobile = /^9?([6-9]\d{7})$/;
/** A trunk prefix with the two digits of a carrier, as Brazilians dial other areas. */
const carrierPrefix = /^0\d{2}(?=[1-9]\d{9,10}$)/;

/**
 * Returns the parts that a number must contain, in this order, to be found by a search text; undefined if the text is no number.
 * WhatsApp keeps some Brazilian numbers without the ninth digit, so that digit may be missing between two parts.
 */
export function numberSearchParts(search: string): string[] | undefined {
  const written = search.normalize("NFKC").replace(separators, "");
  if (!/^\d+$/.test(written)) return undefined;
  const digits = written.replace(carrierPrefix, "").replace(/^0+(?=\d)/, "");
  const [, country = "", area = "", number] = brazilianMobile.exec(digits) ?? [];
  if (number !== undefined) return [country + area, number];
  const local = localMobile.exec(digits)?.[1];
  return [local ?? digits];
}

/** Whether a stored number contains the parts in order. */
export function containsNumberParts(stored: string, parts: readonly string[]): boolean {
  let from = 0;
  for (const part of parts) {
    const at = stored.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return true;
}
