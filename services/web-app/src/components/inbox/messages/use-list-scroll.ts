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
  /** Whether new rows at the end are followed. */
  isLive: boolean;
}

/**
 * Scrolls the list: at first to the line of unread messages or else to the newest message, later to the target of a jump. The end
 * stays in view when rows are added or replaced, and when the area becomes smaller, for example because a phone's keyboard opens.
 */
export function useListScroll({ virtualizer, scroller, keys, unreadLine, target, isLive }: ListScrollInput) {
  const staysAtEnd = useStaysAtEnd(scroller);
  const toEnd = useCallback(() => {
    staysAtEnd.current = true;
    virtualizer.scrollToEnd();
  }, [virtualizer, staysAtEnd]);
  const toRow = useCallback(
    (index: number, align: "start" | "center") => {
      virtualizer.scrollToIndex(index, { align });
      // Without a scroll event: a list that is not longer than its area, or one that is there already.
      staysAtEnd.current = !scroller.current || isNearEnd(scroller.current);
    },
    [virtualizer, scroller, staysAtEnd],
  );

  const line = unreadLine?.messageId;
  const startedAt = useRef<string>(undefined);
  useLayoutEffect(() => {
    const start = line ?? "end";
    if (startedAt.current !== undefined && (line === undefined || startedAt.current === start)) return;
    startedAt.current = start;
    const index = line === undefined ? -1 : keys.indexOf("unread");
    if (index < 0) toEnd();
    else toRow(index, "start");
  }, [keys, line, toEnd, toRow]);

  const reached = useRef<JumpTarget>(undefined);
  useLayoutEffect(() => {
    const index = target && target !== reached.current ? keys.indexOf(target.messageId) : -1;
    if (index < 0) return;
    reached.current = target;
    toRow(index, "center");
  }, [keys, target, toRow]);

  const newest = keys.at(-1);
  const followed = useRef(newest);
  useLayoutEffect(() => {
    if (newest === followed.current) return;
    followed.current = newest;
    if (isLive && staysAtEnd.current) toEnd();
  }, [newest, isLive, staysAtEnd, toEnd]);

  useEffect(() => {
    const area = scroller.current;
    if (!area) return;
    const observer = new ResizeObserver(() => {
      if (staysAtEnd.current) toEnd();
    });
    observer.observe(area);
    return () => observer.disconnect();
  }, [scroller, staysAtEnd, toEnd]);

  return { isAtEnd: distanceFromEnd(virtualizer) < nearEndPx, toEnd };
}

/**
 * Whether the user was last at the end of the list. Only a scroll towards the beginning, or a jump, leaves it: rows that are added
 * move the end away from the position, however many there are and however late the scroll event of an earlier change comes.
 */
function useStaysAtEnd(scroller: RefObject<HTMLElement | null>): RefObject<boolean> {
  const stays = useRef(true);
  useEffect(() => {
    const area = scroller.current;
    if (!area) return;
    let lastTop = area.scrollTop;
    const onScroll = () => {
      const { scrollTop } = area;
      if (isNearEnd(area)) stays.current = true;
      else if (scrollTop < lastTop) stays.current = false;
      lastTop = scrollTop;
    };
    area.addEventListener("scroll", onScroll, { passive: true });
    return () => area.removeEventListener("scroll", onScroll);
  }, [scroller]);
  return stays;
}

const isNearEnd = ({ scrollHeight, scrollTop, clientHeight }: HTMLElement): boolean =>
  scrollHeight - scrollTop - clientHeight < nearEndPx;

/** Without reading the layout from the document, which would compute it once more in each rendering. */
const distanceFromEnd = ({ getTotalSize, scrollOffset, scrollRect }: ListScrollInput["virtualizer"]): number =>
  getTotalSize() - (scrollOffset ?? 0) - (scrollRect?.height ?? 0);
