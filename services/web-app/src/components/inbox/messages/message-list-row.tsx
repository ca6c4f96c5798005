import type { Message } from "@syszap/contracts";
import { memo, useCallback, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../../i18n/format.ts";
import { MessageBubble } from "../message-bubble.tsx";
import { PendingMessage } from "./pending-message.tsx";
import type { Row } from "./rows.ts";
import { TypingBubble } from "./typing-bubble.tsx";

interface MessageListRowProps {
  row: Row;
  index: number;
  /** Pixels from the beginning of the list. */
  start: number;
  /** The number of rows, if it is known. */
  size: number | undefined;
  /** The user jumped to it. */
  isTarget: boolean;
  measure: (element: HTMLElement | null) => void;
  onResend: (message: Message) => void;
}

const highlightMs = 1_500;

/** A row of the virtual list. The target of a jump gets the focus, so that screen readers continue there. */
export const MessageListRow = memo(function MessageListRow(props: MessageListRowProps) {
  const { row, index, start, size, isTarget, measure, onResend } = props;
  const element = useRef<HTMLLIElement>(null);
  const setElement = useCallback(
    (node: HTMLLIElement | null) => {
      element.current = node;
      measure(node);
    },
    [measure],
  );
  useEffect(() => {
    if (!isTarget) return;
    element.current?.focus({ preventScroll: true });
    element.current?.animate?.([{ backgroundColor: "var(--color-accent-soft)" }, {}], highlightMs);
  }, [isTarget]);
  return (
    <li
      ref={setElement}
      data-index={index}
      data-row={row.key}
      aria-setsize={size ?? -1}
      aria-posinset={index + 1}
      {...(isTarget && { tabIndex: -1 })}
      style={{ top: start }}
      className={`absolute inset-x-0 rounded-xl px-3 outline-offset-[-2px] sm:px-6 ${spaceAbove(row)}`}
    >
      <RowContent row={row} onResend={onResend} />
    </li>
  );
});

/** Padding, because the measured height does not include margins. */
function spaceAbove(row: Row): string {
  if (row.kind === "day" || row.kind === "unread") return "py-3";
  return row.kind === "typing" || row.isFirstOfGroup ? "pt-2.5" : "pt-0.5";
}

function RowContent({ row, onResend }: Pick<MessageListRowProps, "row" | "onResend">) {
  switch (row.kind) {
    case "day":
      return <Day timestamp={row.timestamp} />;
    case "unread":
      return <Unread count={row.count} />;
    case "message":
      return <MessageBubble message={row.message} isFirstOfGroup={row.isFirstOfGroup} onResend={onResend} />;
    case "pending":
      return <PendingMessage message={row.message} isFirstOfGroup={row.isFirstOfGroup} />;
    case "typing":
      return <TypingBubble typist={row.typist} />;
  }
}

function Day({ timestamp }: { timestamp: string }) {
  const { day } = useFormats();
  return (
    <p className="text-center">
      <span className="inline-block rounded-full border border-line bg-raised px-3 py-0.5 text-muted text-xs shadow-card first-letter:uppercase">
        {day(timestamp)}
      </span>
    </p>
  );
}

function Unread({ count }: { count: number }) {
  const { t } = useTranslation();
  return (
    <p
      data-testid="unread-line"
      className="-mx-3 bg-accent-soft py-1 text-center font-semibold text-accent-strong text-xs sm:-mx-6"
    >
      {t("inbox:unread", { count })}
    </p>
  );
}
