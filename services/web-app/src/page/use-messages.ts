import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { useStore } from "../lib/store.ts";
import type { MessageList } from "../live/message-cache.ts";
import { queryKeys } from "../live/query-client.ts";
import { MessageWindow } from "./message-window.ts";

/** The loaded messages of a chat, oldest first, and the window that loads others. */
export function useMessages(chatId: string) {
  const cache = useQueryClient();
  const window = useMemo(() => new MessageWindow(cache, chatId), [cache, chatId]);
  const query = useQuery<MessageList>({
    queryKey: queryKeys.messages(chatId),
    queryFn: ({ signal }) => window.read(signal),
  });
  // The query has no observer any more after the other effects of the removed component.
  useEffect(() => () => queueMicrotask(() => window.close()), [window]);
  const { loading, failed } = useStore(window.state);
  const { data } = query;
  return {
    query,
    window,
    items: data?.items,
    hasOlder: Boolean(data?.next),
    hasNewer: data?.hasNewer === true,
    loading,
    failed,
  };
}
