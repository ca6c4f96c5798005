import type { ReactVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef } from "react";
import type { UnreadLine } from "./rows.ts";
import type { JumpTarget } from "./use-jump.ts";

/** A user who is as close to the newest message reads it. */
export const nearEndPx = 80;

interface ListScrollInput {
  virtualizer: ReactVirtualizer<HTMLElement, HTMLElement>;
  scroller: RefObject<HTMLElement | null>;
  keys: readonly string[];
  unreadLine: UnreadLine | undefined;
  target: JumpTarget | undefined;
}

/**
 * Scrolls the list: at first to the line of unread messages or else to the newest message, later to the target of a jump. The end
 * stays in view when the area becomes smaller, for example because a phone's keyboard opens.
 */
export function useListScroll({ virtualizer, scroller, keys, unreadLine, target }: ListScrollInput) {
  const toEnd = useCallback(() => virtualizer.scrollToEnd(), [virtualizer]);
  const isAtEnd = distanceFromEnd(virtualizer) < nearEndPx;

  const line = unreadLine?.messageId;
  const startedAt = useRef<string>(undefined);
  useLayoutEffect(() => {
    const start = line ?? "end";
    if (startedAt.current !== undefined && (line === undefined || startedAt.current === start)) return;
    startedAt.current = start;
    const index = line === undefined ? -1 : keys.indexOf("unread");
    if (index < 0) virtualizer.scrollToEnd();
    else virtualizer.scrollToIndex(index, { align: "start" });
  }, [virtualizer, keys, line]);

  const reached = useRef<JumpTarget>(undefined);
  useLayoutEffect(() => {
    const index = target && target !== reached.current ? keys.indexOf(target.messageId) : -1;
    if (index < 0) return;
    reached.current = target;
    virtualizer.scrollToIndex(index, { align: "center" });
  }, [virtualizer, keys, target]);

  useEffect(() => {
    const area = scroller.current;
    if (!area) return;
    let height = area.clientHeight;
    const observer = new ResizeObserver(() => {
      const wasAtEnd = area.scrollHeight - area.scrollTop - height < nearEndPx;
      height = area.clientHeight;
      if (wasAtEnd) virtualizer.scrollToEnd();
    });
    observer.observe(area);
    return () => observer.disconnect();
  }, [scroller, virtualizer]);

  return { isAtEnd, toEnd };
}

/** Without reading the layout from the document, which would compute it once more in each rendering. */
const distanceFromEnd = ({ getTotalSize, scrollOffset, scrollRect }: ListScrollInput["virtualizer"]): number =>
  getTotalSize() - (scrollOffset ?? 0) - (scrollRect?.height ?? 0);
