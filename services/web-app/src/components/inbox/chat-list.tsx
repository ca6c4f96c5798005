import type { Chat } from "@syszap/contracts";
import { MessagesSquare } from "lucide-react";
import { memo, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useChats, useSessions } from "../../page/queries.ts";
import { SearchField } from "../ui/search-field.tsx";
import { Empty, QueryList } from "../ui/states.tsx";
import { rowProps } from "../ui/virtual/row-props.ts";
import { useVirtualRows } from "../ui/virtual/use-virtual-rows.ts";
import { ChatRow } from "./chat-row.tsx";

/** All chats, sorted by their newest message. */
export const ChatList = memo(function ChatList({ openChatId }: { openChatId: string | undefined }) {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const { query, items, hasMore, loadMore } = useChats(search);
  return (
    <div className="flex min-h-0 flex-1 flex-col short:min-h-42">
      <header className="grid gap-3 px-4 pt-4 pb-3 short:gap-0 short:py-1">
        <h1 className="font-bold text-xl tracking-tight short:sr-only">{t("inbox:title")}</h1>
        <SearchField label={t("inbox:search")} onSearch={setSearch} />
      </header>
      <QueryList
        query={query}
        items={items}
        empty={
          <Empty
            icon={<MessagesSquare />}
            title={t(search ? "inbox:noMatch" : "inbox:emptyTitle")}
            {...(search ? {} : { text: t("inbox:emptyText") })}
          />
        }
      >
        {(chats) => (
          <Rows
            key={search}
            chats={chats}
            openChatId={openChatId}
            hasMore={hasMore}
            onNearEnd={() => void loadMore().catch(() => undefined)}
          />
        )}
      </QueryList>
    </div>
  );
});

/** Height of a row at the default text size. */
const rowPx = 68;
const nearEndPx = 400;

interface RowsProps {
  chats: Chat[];
  openChatId: string | undefined;
  hasMore: boolean;
  onNearEnd: () => void;
}

function Rows({ chats, openChatId, hasMore, onNearEnd }: RowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const { data: sessions } = useSessions();
  // With several numbers, each chat shows the one that it belongs to.
  const sessionNames = useMemo(
    () => new Map(sessions && sessions.length > 1 ? sessions.map(({ id, name }) => [id, name]) : []),
    [sessions],
  );
  const keys = useMemo(() => chats.map(({ id }) => id), [chats]);
  const virtualizer = useVirtualRows({ scroller, keys, estimateSize: () => rowPx, paddingEnd: 8 });
  useKeptPlace(scroller, keys);
  return (
    <div
      ref={scroller}
      className="min-h-0 flex-1 overflow-y-auto px-2 [overflow-anchor:none] short:min-h-30"
      onScroll={({ currentTarget: area }) => {
        const isNearEnd = area.scrollHeight - area.scrollTop - area.clientHeight < nearEndPx;
        if (hasMore && isNearEnd) onNearEnd();
      }}
    >
      <ul className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map((row) => {
          const chat = chats[row.index];
          return (
            chat && (
              <li key={row.key} {...rowProps(virtualizer, row, hasMore ? undefined : chats.length)}>
                <ChatRow chat={chat} isOpen={chat.id === openChatId} sessionName={sessionNames.get(chat.sessionId)} />
              </li>
            )
          );
        })}
      </ul>
    </div>
  );
}

/** Keeps the same chats in view when others move past them, unless the list shows its beginning. */
function useKeptPlace(scroller: { current: HTMLElement | null }, keys: readonly string[]): void {
  const before = useRef(keys);
  useLayoutEffect(() => {
    const [area, had] = [scroller.current, before.current];
    before.current = keys;
    if (!area || had === keys || area.scrollTop < rowPx / 2) return;
    const rows = [...area.querySelectorAll<HTMLElement>("[data-row]")];
    const height = rows[0]?.offsetHeight || rowPx;
    for (let index = Math.floor(area.scrollTop / height); index < had.length; index += 1) {
      const moved = keys.indexOf(had[index] ?? "") - index;
      // A chat that moved up has a new message; the ones around it stay where they are.
      if (moved < 0) continue;
      if (moved > 0) area.scrollTop += moved * height;
      return;
    }
  }, [scroller, keys]);
}
