import {
  defaultRangeExtractor,
  measureElement,
  type Range,
  type ReactVirtualizerOptions,
  useVirtualizer,
} from "@tanstack/react-virtual";
import { type RefObject, useCallback } from "react";

type Options = Pick<
  ReactVirtualizerOptions<HTMLElement, HTMLElement>,
  | "anchorTo"
  | "initialOffset"
  | "initialRect"
  | "scrollEndThreshold"
  | "paddingStart"
  | "paddingEnd"
  | "scrollPaddingStart"
>;

interface VirtualRowsOptions extends Options {
  /** The element that scrolls. */
  scroller: RefObject<HTMLElement | null>;
  /** Identifies the rows. A new array is a change of the list. */
  keys: readonly string[];
  /** Pixels of a row that was not measured yet. */
  estimateSize: (index: number) => number;
}

/** Rows beyond the visible ones, so that the tab key and fast scrolling find them. */
const overscan = 8;

/**
 * Renders only the rows of a list that are visible, and those that may not be removed: the one with the focus (also in its menu or
 * dialog), and those that play a sound or a video. Rows get their attributes from `rowProps`.
 */
export function useVirtualRows({ scroller, keys, ...options }: VirtualRowsOptions) {
  const rangeExtractor = useCallback(
    (range: Range) => {
      const indexes = defaultRangeExtractor(range);
      const [first = 0, last = -1] = [indexes[0], indexes.at(-1)];
      const kept = keptKeys(scroller.current)
        .map((key) => keys.indexOf(key))
        .filter((index) => index >= 0 && index < range.count && (index < first || index > last));
      return kept.length === 0 ? indexes : [...new Set([...kept, ...indexes])].sort((a, b) => a - b);
    },
    [scroller, keys],
  );
  return useVirtualizer<HTMLElement, HTMLElement>({
    ...options,
    measureElement: measureShown,
    count: keys.length,
    getItemKey: useCallback((index: number) => keys[index] ?? index, [keys]),
    getScrollElement: () => scroller.current,
    overscan,
    rangeExtractor,
  });
}

/** Elements of a hidden list have no height, which says nothing about the rows. */
const measureShown: typeof measureElement<HTMLElement> = (element, entry, virtualizer) => {
  const height = measureElement(element, entry, virtualizer);
  if (height > 0) return height;
  const index = virtualizer.indexFromElement(element);
  const known = virtualizer.itemSizeCache.get(virtualizer.options.getItemKey(index));
  return known ?? virtualizer.options.estimateSize(index);
};

/** The keys of the rows that may not be removed. */
function keptKeys(area: HTMLElement | null): string[] {
  if (!area) return [];
  const { activeElement } = document;
  const focused = activeElement && area.contains(activeElement) ? [activeElement] : [];
  const playing = [...area.querySelectorAll<HTMLMediaElement>("audio, video")].filter(({ paused }) => !paused);
  return [...focused, ...playing].flatMap((element) => element.closest<HTMLElement>("[data-row]")?.dataset.row ?? []);
}
