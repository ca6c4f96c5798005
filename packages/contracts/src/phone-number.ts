/**
 * Returns one canonical form of a phone number, for comparisons only: messages are sent to the number as WhatsApp has it.
 * Brazil prefixed all mobile numbers with a 9 (Anatel resolution 553/2010, complete in 2016), but WhatsApp keeps older accounts
 * under their eight digits. Such a number (55, area code, eight digits that start with 6 to 9) gets the 9 here. Landline numbers
 * start with 2 to 5 and never have it.
 * Mexico (52) and Argentina (54) write mobile numbers with an extra 1 or 9 after the country code, which WhatsApp keeps in some
 * ids and omits in others. The ten national digits that follow are the same, so the extra digit is removed here.
 */
export function canonicalNumber(number: string): string {
  const parts = /^(55[1-9]\d)([6-9]\d{7})$/.exec(number);
  if (parts) return `${parts[1]}9${parts[2]}`;
  return number.replace(/^(52)1(\d{10})$/, "$1$2").replace(/^(54)9(\d{10})$/, "$1$2");
}
