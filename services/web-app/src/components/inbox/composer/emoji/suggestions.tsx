import { useTranslation } from "react-i18next";
import type { Completion } from "./use-completion.ts";

/** The emoji that `:name` may become, above the field. */
export function Suggestions({ completion: { id, suggestions, active, choose } }: { completion: Completion }) {
  const { t } = useTranslation();
  if (suggestions.length === 0) return null;
  return (
    <div
      id={id}
      role="listbox"
      aria-label={t("sending:emoji.title")}
      data-testid="emoji-suggestions"
      className="absolute bottom-full left-2 z-20 mb-2 w-[min(18rem,calc(100%-1rem))] rounded-xl border border-line bg-raised p-1 shadow-float"
    >
      {suggestions.map((suggestion, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard chooses through the field
        // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field
        <div
          key={suggestion.emoji}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === active}
          // Otherwise the field would lose the focus.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => choose(suggestion)}
          className={`flex cursor-pointer items-center gap-2 rounded-lg px-2.5 py-1.5 text-sm ${index === active ? "bg-accent-soft" : "hover:bg-hover"}`}
        >
          <span className="text-lg">{suggestion.emoji}</span>
          <span className="truncate">{suggestion.label}</span>
        </div>
      ))}
    </div>
  );
}
