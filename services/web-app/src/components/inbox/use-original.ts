import { createContext, useCallback, useEffect, useRef, useState } from "react";

/** Bounds the search for a quoted message that is far back. */
const maxPages = 100;
const highlightMs = 1_500;

/** Shows the original of a quote. Absent outside of a conversation. */
export const OriginalContext = createContext<((messageId: string) => void) | undefined>(undefined);

interface LoadedMessages {
  items: readonly { id: string }[] | undefined;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => Promise<void>;
}

/** Returns a function that scrolls to a message, and loads earlier messages until it is there. */
export function useOriginal({ items, hasMore, isLoadingMore, loadMore }: LoadedMessages): (messageId: string) => void {
  const [wanted, setWanted] = useState<string>();
  const pages = useRef(0);
  const isLoaded = wanted !== undefined && items?.some(({ id }) => id === wanted);
  useEffect(() => {
    if (wanted === undefined || isLoadingMore) return;
    if (!isLoaded && hasMore && pages.current < maxPages) {
      pages.current += 1;
      void loadMore().catch(() => setWanted(undefined));
      return;
    }
    setWanted(undefined);
    const target = document.querySelector<HTMLElement>(`[data-message-id="${wanted}"]`);
    target?.scrollIntoView({ block: "center" });
    target?.animate?.([{ backgroundColor: "var(--color-accent-soft)" }, {}], highlightMs);
  }, [wanted, isLoaded, isLoadingMore, hasMore, loadMore]);
  return useCallback((messageId: string) => {
    pages.current = 0;
    setWanted(messageId);
  }, []);
}
