import { type KeyboardEvent, type RefObject, useEffect, useId, useState } from "react";
import { insertText } from "../../../../lib/insert-text.ts";
import type { Emoji } from "./emoji-data.ts";
import { rememberEmoji } from "./recent-emojis.ts";
import { emojiNamed, searchEmojis } from "./search-emojis.ts";
import { useEmojis } from "./use-emojis.ts";

/** `:name` at the caret, or `:name:`, not inside of a word or an address. */
const named = /(?:^|[\s(])(:([\p{L}\p{N}_+-]{2,40})(:?))$/u;
const maxSuggestions = 6;

interface Typed {
  /** Position of the first colon. */
  from: number;
  name: string;
  isClosed: boolean;
}

export interface Completion {
  id: string;
  suggestions: readonly Emoji[];
  active: number;
  choose: (emoji: Emoji) => void;
  /** Reads what stands before the caret after an input. */
  onInput: () => void;
  /** Returns whether the key belonged to the suggestions. */
  onKeyDown: (event: KeyboardEvent) => boolean;
  close: () => void;
}

/** Suggests emoji while the user writes `:name`. Arrow keys move, Enter and Tab insert, Escape closes. `:name:` is replaced. */
export function useCompletion(field: RefObject<HTMLTextAreaElement | null>): Completion {
  const id = useId();
  const [typed, setTyped] = useState<Typed>();
  const [active, setActive] = useState(0);
  const { data: emojis = [] } = useEmojis(typed !== undefined);
  const suggestions = typed && !typed.isClosed ? searchEmojis(emojis, typed.name, maxSuggestions) : [];
  const close = () => setTyped(undefined);
  const choose = ({ emoji }: Emoji) => {
    const { current } = field;
    if (current && typed) insertText(current, emoji, typed.from, current.selectionStart);
    rememberEmoji(emoji);
    close();
  };
  const closed = typed?.isClosed ? emojiNamed(emojis, typed.name) : undefined;
  useEffect(() => {
    if (closed) choose(closed);
  }, [closed]);
  return {
    id,
    suggestions,
    active,
    choose,
    close,
    onInput: () => {
      const { value = "", selectionStart = 0 } = field.current ?? {};
      const [, written, name, end] = named.exec(value.slice(0, selectionStart)) ?? [];
      setActive(0);
      setTyped(
        written === undefined || name === undefined
          ? undefined
          : { from: selectionStart - written.length, name, isClosed: end === ":" },
      );
    },
    onKeyDown: (event) => {
      const chosen = suggestions[active];
      if (!chosen) return false;
      if (event.key === "ArrowDown") setActive((active + 1) % suggestions.length);
      else if (event.key === "ArrowUp") setActive((active - 1 + suggestions.length) % suggestions.length);
      else if (event.key === "Enter" || event.key === "Tab") choose(chosen);
      else if (event.key === "Escape") close();
      else return false;
      event.preventDefault();
      return true;
    },
  };
}
