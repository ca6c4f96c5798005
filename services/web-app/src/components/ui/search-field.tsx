import { maxSearchLength } from "@syszap/contracts/constants";
import { Search } from "lucide-react";
import { useEffect, useState } from "react";

const debounceMs = 250;

interface SearchFieldProps {
  label: string;
  onSearch: (search: string) => void;
}

/** Calls `onSearch` when the user pauses typing. */
export function SearchField({ label, onSearch }: SearchFieldProps) {
  const [text, setText] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => onSearch(text.trim()), text === "" ? 0 : debounceMs);
    return () => clearTimeout(timer);
  }, [text, onSearch]);
  return (
    <label className="flex items-center gap-2 rounded-full border border-transparent bg-sunken px-3.5 focus-within:border-accent focus-within:bg-surface">
      <Search aria-hidden="true" className="size-4 shrink-0 text-muted" />
      <span className="sr-only">{label}</span>
      <input
        type="search"
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder={label}
        maxLength={maxSearchLength}
        className="min-w-0 flex-1 bg-transparent py-2 text-sm outline-none placeholder:text-muted"
      />
    </label>
  );
}
