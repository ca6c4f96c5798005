import type { Message } from "@syszap/contracts";
import { ChevronDown } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Outgoing } from "../../../live/outgoing.ts";
import { clientAmong, type Typist } from "../../../live/typing.ts";
import { useMe } from "../../../page/me.ts";
import type { Load, MessageWindow } from "../../../page/message-window.ts";
import { IconButton } from "../../ui/button.tsx";
import { useVirtualRows } from "../../ui/virtual/use-virtual-rows.ts";
import { DayLabel } from "./day-label.tsx";
import { EdgeState } from "./edge-state.tsx";
import { MessageListRow } from "./message-list-row.tsx";
import { estimatedHeight, rowsOf, type UnreadLine } from "./rows.ts";
import type { JumpTarget } from "./use-jump.ts";
import { nearEndPx, useListScroll } from "./use-list-scroll.ts";

interface MessageListProps {
  messages: Message[];
  /** Loads other messages of the chat. */
  window: MessageWindow;
  hasOlder: boolean;
  hasNewer: boolean;
  loading: Load | undefined;
  failed: Load | undefined;
  pending: readonly Outgoing[];
  typists: readonly Typist[];
  unreadLine: UnreadLine | undefined;
  target: JumpTarget | undefined;
  onResend: (message: Message) => void;
  onPickDate: () => void;
}

/** Space at the beginning and the end, and where older or newer messages are being loaded. */
const [paddingPx, edgePx] = [16, 56];
/** The browser stops at the end. */
const atTheEnd = 1e7;

/** The messages, oldest first, followed by those that this page is still sending. Only those in view are rendered. */
export function MessageList(props: MessageListProps) {
  const { messages, window, hasOlder, hasNewer, loading, failed, pending, typists, unreadLine, target } = props;
  const { t } = useTranslation();
  const { userId } = useMe();
  const scroller = useRef<HTMLDivElement>(null);
  const typist = clientAmong(typists);
  const rows = useMemo(
    () => rowsOf({ messages, pending, unreadLine, typist, hasOlder, userId }),
    [messages, pending, unreadLine, typist, hasOlder, userId],
  );
  const keys = useMemo(() => rows.map(({ key }) => key), [rows]);
  // Following the end would run through all newer messages as they are loaded.
  const isLive = usePrevious(!hasNewer) && !hasNewer;
  const virtualizer = useVirtualRows({
    scroller,
    keys,
    estimateSize: (index) => estimatedHeight(rows[index]),
    initialOffset: atTheEnd,
    initialRect: { width: 0, height: globalThis.innerHeight },
    paddingStart: hasOlder ? edgePx : paddingPx,
    paddingEnd: hasNewer ? edgePx : paddingPx,
    anchorTo: "end",
    scrollEndThreshold: nearEndPx,
  });
  const firstVisible = virtualizer.range?.startIndex ?? 0;
  const { isAtEnd, toEnd } = useListScroll({ virtualizer, scroller, keys, unreadLine, target, isLive });
  const isAtNewest = isAtEnd && !hasNewer;

  const toNewest = () => {
    void window.moveToNewest().then(toEnd, () => undefined);
  };
  const newestPending = pending.at(-1)?.key;
  // Scrolls to a message that the user has just sent.
  useEffect(() => {
    if (newestPending) void window.moveToNewest().then(toEnd, () => undefined);
  }, [newestPending, window, toEnd]);

  useEffect(() => window.trimAround(rows[firstVisible]?.key), [rows, firstVisible, window]);

  const loadNear = useCallback(
    (position: number, height: number, total: number) => {
      // A failed load waits for its button.
      if (hasOlder && failed !== "older" && position < height) void window.loadOlder().catch(() => undefined);
      else if (hasNewer && failed !== "newer" && total - position < 2 * height)
        void window.loadNewer().catch(() => undefined);
    },
    [hasOlder, hasNewer, failed, window],
  );
  const { scrollOffset, scrollRect } = virtualizer;
  const total = virtualizer.getTotalSize();
  // Without a scroll event: few messages, or a load that ended without moving the list.
  useEffect(() => {
    if (!loading) loadNear(scrollOffset ?? 0, scrollRect?.height ?? 0, total);
  }, [loading, loadNear, scrollOffset, scrollRect, total]);

  return (
    <div className="relative min-h-0 flex-1 short:min-h-30">
      <div
        ref={scroller}
        onScroll={({ currentTarget: area }) => loadNear(area.scrollTop, area.clientHeight, area.scrollHeight)}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable by keyboard
        tabIndex={0}
        className="paper h-full overflow-y-auto overscroll-contain [overflow-anchor:none] focus-visible:outline-offset-[-2px]"
      >
        <div className="flex min-h-full flex-col justify-end">
          <div className="relative mx-auto w-full max-w-4xl" style={{ height: total }}>
            {hasOlder && (
              <EdgeState side="older" isLoading={loading === "older"} isFailed={failed === "older"} window={window} />
            )}
            <ol aria-label={t("inbox:log")}>
              {virtualizer.getVirtualItems().map((item) => {
                const row = rows[item.index];
                return (
                  row && (
                    <MessageListRow
                      key={item.key}
                      row={row}
                      index={item.index}
                      start={item.start}
                      size={hasOlder || hasNewer ? undefined : rows.length}
                      isTarget={row.key === target?.messageId}
                      measure={virtualizer.measureElement}
                      onResend={props.onResend}
                    />
                  )
                );
              })}
            </ol>
            {hasNewer && (
              <EdgeState side="newer" isLoading={loading === "newer"} isFailed={failed === "newer"} window={window} />
            )}
          </div>
        </div>
      </div>
      <DayLabel rows={rows} firstVisible={firstVisible} onPick={props.onPickDate} />
      {!isAtNewest && (
        <IconButton
          label={t("inbox:newest")}
          onClick={toNewest}
          className="-translate-x-1/2 absolute bottom-4 left-1/2 border border-line bg-raised text-ink shadow-card"
        >
          <ChevronDown className="size-5" />
        </IconButton>
      )}
    </div>
  );
}

/** The value of the last rendering; at first, the current one. */
function usePrevious<Value>(value: Value): Value {
  const previous = useRef(value);
  useEffect(() => {
    previous.current = value;
  });
  return previous.current;
}
