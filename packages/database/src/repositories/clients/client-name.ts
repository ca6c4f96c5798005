import { toStorableText } from "../../sql/storable-text.ts";

const maxNameLength = 500;
/** As it is stored; null for one of blanks only. */
export const nameOf = (name: string | null | undefined): string | null =>
  name ? toStorableText(name).trim().slice(0, maxNameLength).toWellFormed() || null : null;
