import type { Chat, Session, SessionPacing, SessionPairingCode, SessionQr, UserEntry } from "@syszap/contracts";
import { maxPageSize, maxUsers } from "@syszap/contracts/constants";
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "../api/api-error.ts";
import { applyToChats, type ChatList, withChat, withChats } from "../live/chat-cache.ts";
import { applyToClients, withClients } from "../live/client-cache.ts";
import { emptyList } from "../live/list.ts";
import { queryKeys } from "../live/query-client.ts";
import { applyToSessions } from "../live/session-cache.ts";
import { api } from "./api.ts";
import { snapshot, useLiveList } from "./list-query.ts";

const pageSize = 50;

export const useClients = (search: string) =>
  useLiveList({
    key: queryKeys.clients(search),
    read: (before, signal) => api.call("listClients", { query: searchQuery(search, before) }, { signal }),
    add: withClients,
    apply: (list, frame) => applyToClients(list, search, frame),
  });

export const useChats = (search: string) =>
  useLiveList({
    key: queryKeys.chats(search),
    read: (before, signal) => api.call("listChats", { query: searchQuery(search, before) }, { signal }),
    add: withChats,
    apply: (list, frame) => applyToChats(list, search, frame),
  });

/** Number of unread messages in all chats that the user sees, also in chats that are not loaded. `CountReads` keeps it current. */
export const useUnreadMessages = (): number =>
  useQuery({
    queryKey: queryKeys.inboxCounts,
    queryFn: ({ signal }) => api.call("getInboxCounts", {}, { signal }),
  }).data?.unreadMessages ?? 0;

const searchQuery = (search: string, before: string | undefined) => ({
  before,
  limit: pageSize,
  search: search === "" ? undefined : search,
});

/** The participants of a group. */
export const useParticipants = (chatId: string, isGroup: boolean) =>
  useQuery({
    queryKey: queryKeys.participants(chatId),
    queryFn: async ({ signal }) => (await api.call("listParticipants", { params: { id: chatId } }, { signal })).items,
    enabled: isGroup,
  });

export const useSessions = () =>
  useQuery<Session[]>({
    queryKey: queryKeys.sessions,
    queryFn: ({ signal }) =>
      snapshot(async () => (await api.call("listSessions", {}, { signal })).items, applyToSessions),
  });

/** Null for what does not exist (yet), or what the user may not see. */
function nullIfMissing(error: unknown): null {
  if (error instanceof ApiError && [403, 404, 409].includes(error.status)) return null;
  throw error;
}

/** The current QR code; null while there is none. It is read only if its event was missed: each new code arrives as an event. */
export const useSessionQr = (sessionId: string, isIssued: boolean) =>
  useQuery<SessionQr | null>({
    queryKey: queryKeys.qr(sessionId),
    queryFn: () => api.call("getSessionQr", { params: { id: sessionId } }).catch(nullIfMissing),
    enabled: isIssued,
  });

/** The current pairing code, like `useSessionQr`. */
export const useSessionPairingCode = (sessionId: string, isIssued: boolean) =>
  useQuery<SessionPairingCode | null>({
    queryKey: queryKeys.pairingCode(sessionId),
    queryFn: () => api.call("getSessionPairingCode", { params: { id: sessionId } }).catch(nullIfMissing),
    enabled: isIssued,
  });

/** The pacing of a session. Events keep its state current; with `isCounted` each visit also reads the current counts. */
export const useSessionPacing = (sessionId: string | undefined, { isCounted = false } = {}) =>
  useQuery<SessionPacing | null>({
    queryKey: queryKeys.pacing(sessionId ?? ""),
    queryFn: ({ signal }) =>
      api.call("getSessionPacing", { params: { id: sessionId ?? "" } }, { signal }).catch(nullIfMissing),
    enabled: sessionId !== undefined,
    ...(isCounted && { staleTime: 0 }),
  });

/**
 * Reads a chat that was opened by its URL and is not among the loaded ones, and adds it to the list. For a chat that was merged
 * into another one, the server answers with the other one.
 */
export function useUnlistedChat(chatId: string, isWanted: boolean): Chat | null | undefined {
  const cache = useQueryClient();
  return useQuery({
    queryKey: queryKeys.chat(chatId),
    queryFn: async ({ signal }) => {
      const { items } = await snapshot(
        async () => withChat(emptyList<Chat>(), await api.call("getChat", { params: { id: chatId } }, { signal })),
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
  useQuery({
    queryKey: queryKeys.stats,
    queryFn: ({ signal }) => api.call("getRealtimeStats", {}, { signal }),
    enabled: isWanted,
  });

/** All people of the company by name. No event reports changes. */
export const peopleQuery = queryOptions({
  queryKey: queryKeys.people,
  queryFn: async ({ signal }) => {
    const people: UserEntry[] = [];
    let before: string | undefined;
    do {
      const page = await api.call("listUsers", { query: { before, limit: maxPageSize } }, { signal });
      people.push(...page.items);
      before = page.next ?? undefined;
    } while (before !== undefined && people.length < maxUsers);
    return people;
  },
});

/** A file of the media store, downloaded as the signed-in user. */
export const useMedia = (url: string, isWanted = true) =>
  useQuery({
    queryKey: queryKeys.media(url),
    queryFn: ({ signal }) => api.download(url, signal),
    enabled: isWanted,
    gcTime: 5 * 60_000,
  });
