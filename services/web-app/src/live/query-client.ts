import { notifyManager, QueryClient } from "@tanstack/react-query";
import { ApiError } from "../api/api-error.ts";

/** Events keep the data current, so nothing is refetched by age, focus or reconnection. Only a resync refetches. */
export function createQueryClient(): QueryClient {
  // Without a timer, which browsers may delay. Events come in batches, see `CallBatches`.
  notifyManager.setScheduler(queueMicrotask);
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        gcTime: 10 * 60_000,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        structuralSharing: false,
        // Otherwise requests would wait, without an error, while the browser assumes that there is no network.
        networkMode: "always",
        // The number of retries is not limited: after a resync, later events would hide a refetch that failed.
        retry: (_count, error) => error instanceof ApiError && error.isTransient,
        retryDelay: (count, error) =>
          (error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0) +
          Math.random() * Math.min(15_000, 500 * 2 ** count),
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}

export const queryKeys = {
  sessions: ["sessions"] as const,
  qr: (sessionId: string) => ["qr", sessionId] as const,
  pairingCode: (sessionId: string) => ["pairing-code", sessionId] as const,
  sessionProxy: (sessionId: string) => ["session-proxy", sessionId] as const,
  pacing: (sessionId: string) => ["pacing", sessionId] as const,
  clients: (search: string) => ["clients", search] as const,
  chats: (search: string) => ["chats", search] as const,
  chat: (chatId: string) => ["chat", chatId] as const,
  messages: (chatId: string) => ["messages", chatId] as const,
  participants: (chatId: string) => ["participants", chatId] as const,
  people: ["people"] as const,
  teams: ["teams"] as const,
  secondFactor: ["second-factor"] as const,
  inboxCounts: ["inbox-counts"] as const,
  stats: ["stats"] as const,
  statistics: ["statistics"] as const,
  statisticsHistory: ["statistics-history"] as const,
  media: (url: string) => ["media", url] as const,
};
