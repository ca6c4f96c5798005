/** React replaces the property of an element to notice changes; this one leaves the notice to the event. */
const setValue = (field: HTMLTextAreaElement, value: string): void =>
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value")?.set?.call(field, value);

/** Replaces a part of a field's text as if the user had typed it, so that it can be undone. The caret stands behind it. */
export function insertText(field: HTMLTextAreaElement, text: string, from: number, to: number): void {
  field.focus();
  field.setSelectionRange(from, to);
  // No other API keeps the history of the field. Where it is missing, the text is replaced without a history.
  if (document.execCommand?.(text === "" ? "delete" : "insertText", false, text)) return;
  setValue(field, field.value.slice(0, from) + text + field.value.slice(to));
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  field.setSelectionRange(from + text.length, from + text.length);
}
