import type { DurableFrame, RealtimeClient } from "@syszap/client";
import type { Chat, Page, Session, SessionPacing, SessionPairingCode, SessionQr } from "@syszap/contracts";
import { type QueryKey, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import type { PageQuery } from "../api/api.ts";
import { ApiError } from "../api/api-error.ts";
import { applyToChats, type ChatList, withChat, withChats } from "../live/chat-cache.ts";
import { applyToClients, withClients } from "../live/client-cache.ts";
import { emptyList, type List } from "../live/list.ts";
import { applyToMessages, withMessages } from "../live/message-cache.ts";
import { queryKeys } from "../live/query-client.ts";
import { applyToSessions } from "../live/session-cache.ts";
import { api, websocketService } from "./websocket-service.ts";

const snapshot: RealtimeClient["snapshot"] = (fetch, apply) => websocketService.snapshot(fetch, apply);
/** A refetch reads again what was on the page, but never without end. */
const mostRefetched = 300;

interface ListSource<Row, Read> {
  key: QueryKey;
  read: (query: PageQuery) => Promise<Page<Read>>;
  add: (list: List<Row>, page: Page<Read>) => List<Row>;
  apply: (list: List<Row>, frame: DurableFrame) => List<Row>;
}

/** A list that events keep current and that grows by the server's pages. */
function useList<Row, Read>({ key, read, add, apply }: ListSource<Row, Read>) {
  const cache = useQueryClient();
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => {
      const wanted = Math.min(cache.getQueryData<List<Row>>(key)?.items.length ?? 0, mostRefetched);
      return snapshot(async () => {
        let list = emptyList<Row>();
        do list = add(list, await read({ before: list.next ?? undefined, signal }));
        while (list.next !== null && list.items.length < wanted);
        return list;
      }, apply);
    },
  });
  const [isLoadingMore, setLoadingMore] = useState(false);
  const isBusy = useRef(false);
  const loadMore = async (): Promise<void> => {
    const before = cache.getQueryData<List<Row>>(key)?.next;
    if (!before || isBusy.current) return;
    isBusy.current = true;
    setLoadingMore(true);
    try {
      const nothing: DurableFrame[] = [];
      const { page, frames } = await snapshot(
        async () => ({ page: await read({ before }), frames: nothing }),
        (value, frame) => ({ ...value, frames: [...value.frames, frame] }),
      );
      cache.setQueryData<List<Row>>(key, (held) =>
        held && held.next === before ? frames.reduce(apply, add(held, page)) : held,
      );
    } finally {
      isBusy.current = false;
      setLoadingMore(false);
    }
  };
  return { query, items: query.data?.items, hasMore: Boolean(query.data?.next), loadMore, isLoadingMore };
}

export const useClients = (search: string) =>
  useList({
    key: queryKeys.clients(search),
    read: (page) => api.clients({ ...page, search }),
    add: withClients,
    apply: (list, frame) => applyToClients(list, search, frame),
  });

export const useChats = (search: string) =>
  useList({
    key: queryKeys.chats(search),
    read: (page) => api.chats({ ...page, search }),
    add: withChats,
    apply: (list, frame) => applyToChats(list, search, frame),
  });

export const useMessages = (chatId: string) =>
  useList({
    key: queryKeys.messages(chatId),
    read: (page) => api.messages(chatId, page),
    add: withMessages,
    apply: (list, frame) => applyToMessages(list, chatId, frame),
  });

export const useSessions = () =>
  useQuery<Session[]>({
    queryKey: queryKeys.sessions,
    queryFn: ({ signal }) => snapshot(async () => (await api.sessions(signal)).items, applyToSessions),
  });

function nullWhereThereIsNone(error: unknown): null {
  if (error instanceof ApiError && [403, 404, 409].includes(error.status)) return null;
  throw error;
}

/** Null while WhatsApp has issued none. Read only if its event was missed; each newer code comes as an event. */
export const useSessionQr = (sessionId: string, isIssued: boolean) =>
  useQuery<SessionQr | null>({
    queryKey: queryKeys.qr(sessionId),
    queryFn: () => api.sessionQr(sessionId).catch(nullWhereThereIsNone),
    enabled: isIssued,
  });

/** As above, for the code that is typed on the phone. */
export const useSessionPairingCode = (sessionId: string, isIssued: boolean) =>
  useQuery<SessionPairingCode | null>({
    queryKey: queryKeys.pairingCode(sessionId),
    queryFn: () => api.sessionPairingCode(sessionId).catch(nullWhereThereIsNone),
    enabled: isIssued,
  });

/** Kept current by events as far as something is held back; `isCounted`: its counts are wanted as they are now, too. */
export const useSessionPacing = (sessionId: string | undefined, { isCounted = false } = {}) =>
  useQuery<SessionPacing | null>({
    queryKey: queryKeys.pacing(sessionId ?? ""),
    queryFn: ({ signal }) => api.sessionPacing(sessionId ?? "", signal).catch(nullWhereThereIsNone),
    enabled: sessionId !== undefined,
    ...(isCounted && { staleTime: 0 }),
  });

/** For a chat that was opened by its address and is not among those loaded: it joins them. Of one that was merged away, its heir. */
export function useUnlistedChat(chatId: string, isWanted: boolean): Chat | null | undefined {
  const cache = useQueryClient();
  return useQuery({
    queryKey: queryKeys.chat(chatId),
    queryFn: async ({ signal }) => {
      const { items } = await snapshot(
        async () => withChat(emptyList<Chat>(), await api.chat(chatId, signal)),
        (list, frame) => applyToChats(list, "", frame),
      );
      const chat = items[0] ?? null;
      if (chat) cache.setQueryData<ChatList>(queryKeys.chats(""), (list) => list && withChat(list, chat));
      return chat;
    },
    enabled: isWanted,
  }).data;
}

export const useStats = (isWanted: boolean) =>
  useQuery({ queryKey: queryKeys.stats, queryFn: ({ signal }) => api.stats(signal), enabled: isWanted });

/** A file of the media store, fetched as the signed-in person. */
export const useMedia = (path: string, isWanted = true) =>
  useQuery({
    queryKey: queryKeys.media(path),
    queryFn: ({ signal }) => api.media(path, signal),
    enabled: isWanted,
    gcTime: 5 * 60_000,
  });
