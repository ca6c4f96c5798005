/**
 * Returns one canonical form of a phone number, for comparisons only: messages are sent to the number as WhatsApp has it.
 * Brazil prefixed all mobile numbers with a 9 (Anatel resolution 553/2010, complete in 2016), but WhatsApp keeps older accounts
 * under their eight digits. Such a number (55, area code, eight digits that start with 6 to 9) gets the 9 here. Landline numbers
 * start with 2 to 5 and never have it.
 */
export function canonicalNumber(number: string): string {
  const parts = /^(55[1-9]\d)([6-9]\d{7})$/.exec(number);
  return parts ? `${parts[1]}9${parts[2]}` : number;
}
