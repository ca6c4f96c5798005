import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

const nearPx = 80;

interface PinnedScroll {
  scroller: RefObject<HTMLDivElement | null>;
  isAtNewest: boolean;
  toNewest: () => void;
  onScroll: () => void;
}

/** Stays at the newest message while the reader is there, and where the reader is while older ones come in above. */
export function usePinnedScroll(
  firstId: string | undefined,
  lastId: string | undefined,
  onNearTop: () => void,
): PinnedScroll {
  const scroller = useRef<HTMLDivElement>(null);
  const before = useRef({ firstId, height: 0, top: 0, isAtNewest: true });
  const [isAtNewest, setAtNewest] = useState(true);

  const remember = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const isNear = element.scrollHeight - element.scrollTop - element.clientHeight < nearPx;
    before.current = { ...before.current, height: element.scrollHeight, top: element.scrollTop, isAtNewest: isNear };
    setAtNewest(isNear);
  }, []);

  const toNewest = useCallback(() => {
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
    remember();
  }, [remember]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const { firstId: hadFirst, height, top, isAtNewest: wasAtNewest } = before.current;
    if (wasAtNewest) element.scrollTop = element.scrollHeight;
    else if (hadFirst !== firstId) element.scrollTop = top + (element.scrollHeight - height);
    before.current.firstId = firstId;
    remember();
  }, [firstId, lastId, remember]);

  // Pictures, typing and the keyboard of a phone change heights without a new message.
  useEffect(() => {
    const element = scroller.current;
    const content = element?.firstElementChild;
    if (!element || !content) return;
    const observer = new ResizeObserver(() => {
      if (before.current.isAtNewest) element.scrollTop = element.scrollHeight;
      remember();
    });
    observer.observe(content);
    observer.observe(element);
    return () => observer.disconnect();
  }, [remember]);

  const onScroll = () => {
    remember();
    if ((scroller.current?.scrollTop ?? 0) < nearPx * 3) onNearTop();
  };
  return { scroller, isAtNewest, toNewest, onScroll };
}
