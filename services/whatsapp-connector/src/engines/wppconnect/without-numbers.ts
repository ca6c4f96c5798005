/** Removes phone numbers, which some errors of the library contain. */
export const withoutNumbers = (text: string): string => text.replace(/\d{6,}/g, "…");
