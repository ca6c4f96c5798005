import { visibleName } from "@syszap/contracts";
import { toStorableText } from "../../sql/storable-text.ts";

const maxNameLength = 500;
const separators = /[\s+().\-\p{Cf}\p{Pd}]/gu;

/** The name in the form that is stored; null when it shows nothing, or is one of the contact's LIDs. */
export function nameOf(name: string | null | undefined, lids: readonly string[]): string | null {
  const visible = visibleName(name && toStorableText(name));
  if (visible === null || lids.includes(visible.replace(/@lid$/, "").replace(separators, ""))) return null;
  return visibleName(visible.slice(0, maxNameLength).toWellFormed());
}
