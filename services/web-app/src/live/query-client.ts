import { notifyManager, QueryClient } from "@tanstack/react-query";
import { ApiError } from "../api/api-error.ts";

/** Data is kept current by events: nothing gets stale by age, by focus or by reconnecting. Only a resync refetches. */
export function createQueryClient(): QueryClient {
  // An event has to be on the screen in the next frame, also when timers are slow.
  notifyManager.setScheduler(queueMicrotask);
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        gcTime: 10 * 60_000,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        structuralSharing: false,
        // A refetch after a resync has to succeed some time: only events would hide that it did not.
        retry: (_count, error) => error instanceof ApiError && error.isPassing,
        retryDelay: (count, error) =>
          (error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0) +
          Math.random() * Math.min(15_000, 500 * 2 ** count),
      },
      mutations: { retry: false },
    },
  });
}

export const queryKeys = {
  sessions: ["sessions"] as const,
  qr: (sessionId: string) => ["qr", sessionId] as const,
  pairingCode: (sessionId: string) => ["pairing-code", sessionId] as const,
  pacing: (sessionId: string) => ["pacing", sessionId] as const,
  clients: (search: string) => ["clients", search] as const,
  chats: (search: string) => ["chats", search] as const,
  chat: (chatId: string) => ["chat", chatId] as const,
  messages: (chatId: string) => ["messages", chatId] as const,
  stats: ["stats"] as const,
  liveStats: ["live-stats"] as const,
  media: (path: string) => ["media", path] as const,
};
