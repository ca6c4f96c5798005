/**
 * Characters that show nothing: spaces, controls, format characters, fillers, and marks without a letter. U+2800 (empty Braille cell)
 * and U+1D159 (empty note head) are symbols without any ink.
 */
const invisible = /[\p{White_Space}\p{C}\p{Default_Ignorable_Code_Point}\p{M}\u2800\u{1D159}]/gu;

/** The name without white space around it; null if it shows nothing. */
export function visibleName(name: string | null | undefined): string | null {
  const trimmed = name?.trim() ?? "";
  return trimmed.replace(invisible, "") === "" ? null : trimmed;
}
