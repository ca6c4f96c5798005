import type { VirtualItem } from "@tanstack/react-virtual";

interface RowsOf {
  measureElement: (element: HTMLElement | null) => void;
}

/** Attributes of a row of `useVirtualRows`. `size`: the number of rows, if it is known. */
export const rowProps = (virtualizer: RowsOf, { index, key, start }: VirtualItem, size: number | undefined) => ({
  ref: virtualizer.measureElement,
  "data-index": index,
  "data-row": String(key),
  "aria-setsize": size ?? -1,
  "aria-posinset": index + 1,
  className: "absolute inset-x-0",
  style: { top: start },
});
