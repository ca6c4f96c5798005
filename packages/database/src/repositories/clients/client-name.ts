import { toStorableText } from "../../sql/storable-text.ts";

const maxNameLength = 500;
/** The name in the form that is stored; null when it is empty or blank. */
export const nameOf = (name: string | null | undefined): string | null =>
  name ? toStorableText(name).trim().slice(0, maxNameLength).toWellFormed() || null : null;
