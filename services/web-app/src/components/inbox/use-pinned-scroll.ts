import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

const nearPx = 80;

interface PinnedScroll {
  scroller: RefObject<HTMLDivElement | null>;
  isAtNewest: boolean;
  toNewest: () => void;
  onScroll: () => void;
}

/** Stays at the newest message if the user is there; otherwise keeps the same message in view when older ones are added. */
export function usePinnedScroll(
  firstId: string | undefined,
  lastId: string | undefined,
  onNearTop: () => void,
): PinnedScroll {
  const scroller = useRef<HTMLDivElement>(null);
  const before = useRef({ firstId, height: 0, top: 0, isAtNewest: true });
  const [isAtNewest, setAtNewest] = useState(true);

  const rememberPosition = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const isNear = element.scrollHeight - element.scrollTop - element.clientHeight < nearPx;
    before.current = { ...before.current, height: element.scrollHeight, top: element.scrollTop, isAtNewest: isNear };
    setAtNewest(isNear);
  }, []);

  const toNewest = useCallback(() => {
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
    rememberPosition();
  }, [rememberPosition]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const { firstId: hadFirst, height, top, isAtNewest: wasAtNewest } = before.current;
    if (wasAtNewest) element.scrollTop = element.scrollHeight;
    else if (hadFirst !== firstId) element.scrollTop = top + (element.scrollHeight - height);
    before.current.firstId = firstId;
    rememberPosition();
  }, [firstId, lastId, rememberPosition]);

  // Images, the typing notice and a phone's keyboard change heights without a new message.
  useEffect(() => {
    const element = scroller.current;
    const content = element?.firstElementChild;
    if (!element || !content) return;
    const observer = new ResizeObserver(() => {
      if (before.current.isAtNewest) element.scrollTop = element.scrollHeight;
      rememberPosition();
    });
    observer.observe(content);
    observer.observe(element);
    return () => observer.disconnect();
  }, [rememberPosition]);

  const onScroll = () => {
    rememberPosition();
    if ((scroller.current?.scrollTop ?? 0) < nearPx * 3) onNearTop();
  };
  return { scroller, isAtNewest, toNewest, onScroll };
}
