import { parsePhoneNumberFromString } from "libphonenumber-js/max";

/**
 * Forms of one number that the numbering plans of libphonenumber do not connect, because one of them is not in use any more or both
 * are valid. WhatsApp keeps old accounts under the old form.
 * - Brazil prefixed all mobile numbers with a 9 (Anatel resolution 553/2010, complete in 2016). Landline numbers start with 2 to 5.
 * - Mexico (52 1, until 2019) and Argentina (54 9) write mobile numbers with an extra digit after the country code.
 * - Benin prefixed all numbers with 01 (November 2024).
 */
const rewritten: readonly [RegExp, string][] = [
  [/^(55[1-9]\d)([6-9]\d{7})$/, "$19$2"],
  [/^(52)1(\d{10})$/, "$1$2"],
  [/^(54)9(\d{10})$/, "$1$2"],
  [/^(229)(\d{8})$/, "$101$2"],
];

/** Parsing takes about 10 µs, and each message names the same few numbers several times. */
const known = new Map<string, string>();
const maxKnown = 10_000;

/**
 * Returns one canonical form of a phone number, for comparisons only: messages are sent to the number as WhatsApp has it. A number
 * that is written with its national prefix after the country code loses it, as libphonenumber's data demand.
 */
export function canonicalNumber(number: string): string {
  const before = known.get(number);
  if (before !== undefined) return before;
  const planned = validFormOf(number);
  const canonical = validFormOf(rewritten.reduce((form, rule) => form.replace(...rule), planned));
  if (known.size >= maxKnown) known.clear();
  known.set(number, canonical);
  return canonical;
}

/** The form of the numbering plan, or the number itself if it is not valid. */
function validFormOf(number: string): string {
  const parsed = parsePhoneNumberFromString(`+${number}`);
  return parsed?.isValid() ? parsed.number.slice(1) : number;
}
