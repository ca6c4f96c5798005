import type { KeyboardEvent, RefObject } from "react";
import { useTranslation } from "react-i18next";
import { Suggestions } from "./emoji/suggestions.tsx";
import { useCompletion } from "./emoji/use-completion.ts";
import { onFormattingKeys } from "./formatting-keys.ts";

interface FieldProps {
  field: RefObject<HTMLTextAreaElement | null>;
  label: string;
  text: string;
  onText: (text: string) => void;
  onBlur: () => void;
  onSend: () => void;
  onEscape: () => void;
}

/** The text of the composer. Enter sends, Shift+Enter adds a line; Ctrl+B and others format; `:name` suggests emoji. */
export function Field({ field, label, text, onText, onBlur, onSend, onEscape }: FieldProps) {
  const { t } = useTranslation();
  const completion = useCompletion(field);
  const { id, suggestions, active } = completion;
  const hasSuggestions = suggestions.length > 0;
  const onKeyDown = (event: KeyboardEvent) => {
    // In an input method editor, these keys choose a character.
    if (event.nativeEvent.isComposing) return;
    if (completion.onKeyDown(event) || onFormattingKeys(event, field.current)) return;
    if (event.key === "Escape") onEscape();
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    onSend();
  };
  return (
    <>
      <Suggestions completion={completion} />
      <label className="min-w-0 flex-1">
        <span className="sr-only">{label}</span>
        <textarea
          ref={field}
          data-testid="composer"
          dir="auto"
          rows={1}
          value={text}
          placeholder={label}
          title={t("inbox:composerHint")}
          enterKeyHint="send"
          aria-autocomplete="list"
          aria-controls={hasSuggestions ? id : undefined}
          aria-activedescendant={hasSuggestions ? `${id}-${active}` : undefined}
          onChange={(event) => {
            onText(event.target.value);
            completion.onInput();
          }}
          onBlur={() => {
            completion.close();
            onBlur();
          }}
          onKeyDown={onKeyDown}
          className="field-sizing-content block max-h-44 min-h-11 w-full resize-none rounded-3xl border border-line bg-canvas px-4 py-2.5 outline-none placeholder:text-muted focus:border-accent"
        />
      </label>
    </>
  );
}
