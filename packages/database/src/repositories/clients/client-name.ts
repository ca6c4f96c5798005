import { visibleName } from "@syszap/contracts";
import { toStorableText } from "../../sql/storable-text.ts";

const maxNameLength = 500;
/** The name in the form that is stored; null when it shows nothing. */
export function nameOf(name: string | null | undefined): string | null {
  const visible = visibleName(name && toStorableText(name));
  return visible && visibleName(visible.slice(0, maxNameLength).toWellFormed());
}
