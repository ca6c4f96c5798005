/**
 * One name for a number, whichever way it was told. Brazil put a 9 before all mobile numbers (Anatel, resolution 553/2010, done
 * by 2016), while WhatsApp keeps older accounts by their eight digits: 55, area code, then eight digits that begin with 6 to 9 get
 * the 9. Fixed lines begin with 2 to 5 and never had one. For comparing only: messages go to the number as WhatsApp says it.
 */
export function canonicalNumber(number: string): string {
  const parts = /^(55[1-9]\d)([6-9]\d{7})$/.exec(number);
  return parts ? `${parts[1]}9${parts[2]}` : number;
}
