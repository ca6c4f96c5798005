import { useEffect, useMemo, useRef } from "react";
import { useMessages } from "../../../page/use-messages.ts";
import { type MediaMessage, viewable } from "./shown-media.ts";

interface ViewedMedia {
  shown: MediaMessage | undefined;
  /** Position from 1, and number of the photos and videos that are loaded. */
  position: number;
  count: number;
  isLoading: boolean;
  previous: (() => void) | undefined;
  next: (() => void) | undefined;
}

/** The photo or video of a message among those of its chat. Before the first one, older messages are read. */
export function useViewedMedia(chatId: string, messageId: string, onShow: (messageId: string) => void): ViewedMedia {
  const { window, items, hasOlder, loading } = useMessages(chatId);
  const all = useMemo(() => viewable(items ?? []), [items]);
  const index = all.findIndex(({ id }) => id === messageId);
  const before = all[index - 1]?.id;
  const after = all[index + 1]?.id;
  /** The user went back from the first one that was loaded. */
  const wantsBefore = useRef(false);
  useEffect(() => {
    if (!wantsBefore.current || before === undefined) return;
    wantsBefore.current = false;
    onShow(before);
  }, [before, onShow]);
  const loadBefore = () => {
    wantsBefore.current = true;
    void window.loadOlder().catch(() => undefined);
  };
  const showBefore = before === undefined ? undefined : () => onShow(before);
  return {
    shown: all[index],
    position: index + 1,
    count: all.length,
    isLoading: loading === "older",
    previous: showBefore ?? (hasOlder && index === 0 ? loadBefore : undefined),
    next: after === undefined ? undefined : () => onShow(after),
  };
}
