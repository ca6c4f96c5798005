import type { KeyboardEvent } from "react";
import { insertText } from "../../../lib/insert-text.ts";

/** WhatsApp's delimiters by the key that is pressed with Ctrl or ⌘. */
const delimiters: Record<string, string> = { b: "*", i: "_", "shift+x": "~", e: "`" };

/** Formats the selected text if the keys of a format were pressed. Returns whether they were. */
export function onFormattingKeys(event: KeyboardEvent, field: HTMLTextAreaElement | null): boolean {
  if (!field || event.altKey || !(event.ctrlKey || event.metaKey)) return false;
  const delimiter = delimiters[`${event.shiftKey ? "shift+" : ""}${event.key.toLowerCase()}`];
  if (delimiter === undefined) return false;
  event.preventDefault();
  toggle(field, delimiter);
  return true;
}

/** Puts the selected text between delimiters, or removes them. WhatsApp allows no space inside them. */
function toggle(field: HTMLTextAreaElement, delimiter: string): void {
  const { value, selectionStart, selectionEnd } = field;
  const selected = value.slice(selectionStart, selectionEnd);
  const from = selectionStart + (selected.length - selected.trimStart().length);
  const text = selected.trim();
  const to = from + text.length;
  const isAround = value[from - 1] === delimiter && value[to] === delimiter;
  const isInside = text.length > 1 && text.startsWith(delimiter) && text.endsWith(delimiter);
  if (isAround) replace(field, text, { from: from - 1, to: to + 1, caretFrom: from - 1 });
  else if (isInside) replace(field, text.slice(1, -1), { from, to, caretFrom: from });
  else replace(field, delimiter + text + delimiter, { from, to, caretFrom: from + 1, length: text.length });
}

interface Replacement {
  from: number;
  to: number;
  /** The selection after the replacement. */
  caretFrom: number;
  length?: number;
}

function replace(field: HTMLTextAreaElement, text: string, { from, to, caretFrom, length }: Replacement): void {
  insertText(field, text, from, to);
  field.setSelectionRange(caretFrom, caretFrom + (length ?? text.length));
}
