import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Waiting } from "../../../ui/states.tsx";
import type { Emoji } from "./emoji-data.ts";
import { recentEmojis, rememberEmoji } from "./recent-emojis.ts";
import { searchEmojis } from "./search-emojis.ts";
import { useEmojis } from "./use-emojis.ts";

const columns = 8;
const maxFound = 80;
/** Numbers of the groups in emojibase-data, with the emoji on their buttons. */
const groups = { 0: "😀", 1: "👋", 3: "🐻", 4: "🍎", 5: "🚗", 6: "⚽", 7: "💡", 8: "❤️", 9: "🏁" } as const;
type Group = keyof typeof groups;
const groupNumbers = Object.keys(groups).map(Number) as Group[];

interface EmojiPickerProps {
  onPick: (emoji: string) => void;
  /** Called by Escape. */
  onClose: () => void;
  /** Called by a click outside, which may move the focus elsewhere. */
  onLeave: () => void;
}

/** All emoji. The focus stays in the search field: arrow keys move to an emoji, Enter chooses it, Escape closes. */
export function EmojiPicker({ onPick, onClose, onLeave }: EmojiPickerProps) {
  const { t } = useTranslation();
  const root = useRef<HTMLDivElement>(null);
  const query = useEmojis(true);
  useEffect(() => {
    const onPointer = ({ target }: PointerEvent) => {
      if (target instanceof Element && !root.current?.contains(target) && !target.closest("[data-emoji-button]"))
        onLeave();
    };
    document.addEventListener("pointerdown", onPointer);
    return () => document.removeEventListener("pointerdown", onPointer);
  }, [onLeave]);
  return (
    <div
      ref={root}
      role="dialog"
      aria-label={t("sending:emoji.title")}
      data-testid="emoji-picker"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose();
      }}
      className="absolute bottom-full left-2 z-20 mb-2 w-[min(22rem,calc(100%-1rem))] animate-rise rounded-2xl border border-line bg-raised p-3 shadow-float"
    >
      {query.data ? (
        <Emojis
          emojis={query.data}
          onPick={(emoji) => {
            rememberEmoji(emoji);
            onPick(emoji);
          }}
        />
      ) : (
        <Waiting query={query} />
      )}
    </div>
  );
}

function useShown(emojis: readonly Emoji[], search: string, group: Group | "recent"): readonly Emoji[] {
  return useMemo(() => {
    if (search.trim() !== "") return searchEmojis(emojis, search, maxFound);
    if (group !== "recent") return emojis.filter((each) => each.group === group);
    return recentEmojis().flatMap((recent) => emojis.find(({ emoji }) => emoji === recent) ?? []);
  }, [emojis, search, group]);
}

function Emojis({ emojis, onPick }: { emojis: readonly Emoji[]; onPick: (emoji: string) => void }) {
  const { t } = useTranslation();
  const id = useId();
  const [search, setSearch] = useState("");
  const [group, setGroup] = useState<Group | "recent">(() => (recentEmojis().length > 0 ? "recent" : 0));
  const [active, setActive] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const shown = useShown(emojis, search, group);
  const activeEmoji = shown[active];
  useEffect(() => field.current?.focus(), []);
  useEffect(() => {
    // In braces: browsers return a promise, which is no cleanup.
    list.current?.children[active]?.scrollIntoView?.({ block: "nearest" });
  }, [active]);
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
    const step = steps[event.key];
    if (step !== undefined) setActive(Math.max(0, Math.min(shown.length - 1, active + step)));
    else if (event.key === "Enter") {
      if (activeEmoji) onPick(activeEmoji.emoji);
    } else return;
    event.preventDefault();
  };
  const show = (next: Group | "recent") => {
    setGroup(next);
    setSearch("");
    setActive(0);
    field.current?.focus();
  };
  return (
    <>
      <input
        ref={field}
        type="search"
        role="combobox"
        data-testid="emoji-search"
        aria-label={t("sending:emoji.search")}
        placeholder={t("sending:emoji.search")}
        aria-expanded="true"
        aria-controls={id}
        aria-autocomplete="list"
        aria-activedescendant={activeEmoji && `${id}-${active}`}
        value={search}
        onChange={(event) => {
          setSearch(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
        className="w-full rounded-full bg-sunken px-3.5 py-2 text-sm outline-none placeholder:text-muted focus-visible:outline-2 focus-visible:outline-accent"
      />
      <GroupButtons group={search === "" ? group : undefined} onShow={show} />
      {shown.length === 0 && (
        <p role="status" className="py-8 text-center text-muted text-sm">
          {t(search === "" ? "sending:emoji.noRecent" : "sending:emoji.none")}
        </p>
      )}
      <div
        ref={list}
        id={id}
        role="listbox"
        aria-label={t("sending:emoji.title")}
        className="grid max-h-56 grid-cols-8 overflow-y-auto"
      >
        {shown.map(({ emoji, label }, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard chooses through the search field
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the search field
          <div
            key={emoji}
            id={`${id}-${index}`}
            role="option"
            aria-label={label}
            aria-selected={index === active}
            title={label}
            onClick={() => onPick(emoji)}
            className={`grid aspect-square cursor-pointer place-items-center rounded-lg text-xl hover:bg-hover ${index === active ? "bg-accent-soft outline-2 outline-accent -outline-offset-2" : ""}`}
          >
            {emoji}
          </div>
        ))}
      </div>
    </>
  );
}

interface GroupButtonsProps {
  group: Group | "recent" | undefined;
  onShow: (group: Group | "recent") => void;
}

function GroupButtons({ group, onShow }: GroupButtonsProps) {
  const { t } = useTranslation();
  const buttons = [
    { shown: "recent" as const, icon: "🕘" },
    ...groupNumbers.map((shown) => ({ shown, icon: groups[shown] })),
  ];
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of buttons, not of fields
    <div role="group" aria-label={t("sending:emoji.groups")} className="my-2 grid grid-cols-10">
      {buttons.map(({ shown, icon }) => {
        const label = t(`sending:emoji.group.${shown}`);
        return (
          <button
            key={shown}
            type="button"
            aria-label={label}
            title={label}
            aria-pressed={shown === group}
            onClick={() => onShow(shown)}
            className={`grid aspect-square place-items-center rounded-lg hover:bg-hover ${shown === group ? "bg-accent-soft" : ""}`}
          >
            {icon}
          </button>
        );
      })}
    </div>
  );
}
