/** A timestamp in the form that the API uses. */
export const isoOf = (date: Date | null): string | null => date?.toISOString() ?? null;
