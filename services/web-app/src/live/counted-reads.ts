import type { Statistics } from "@syszap/contracts";
import type { QueryClient } from "@tanstack/react-query";
import { EventReads } from "./event-reads.ts";
import { queryKeys } from "./query-client.ts";

/** The unread counts. A hidden page shows them only in the title of its tab. */
export const inboxCountReads = (cache: QueryClient): EventReads =>
  new EventReads(cache, {
    queryKey: queryKeys.inboxCounts,
    isConcerned: ({ type }) => type === "chat_update" || type === "chat_gone",
    intervalMs: { visible: 1_000, hidden: 5_000 },
  });

const countedEvents = new Set(["new_message", "message_status", "chat_update", "chat_gone", "session_status"]);

/** The present numbers of the dashboard. */
export const statisticsReads = (cache: QueryClient): EventReads =>
  new EventReads(cache, {
    queryKey: queryKeys.statistics,
    isConcerned: ({ type }) => countedEvents.has(type),
    intervalMs: { visible: 2_000, hidden: 30_000 },
    maxShare: 0.1,
  });

/** The days before today, which change only by messages that arrive late, such as after an outage. Costs the server more. */
export const historyReads = (cache: QueryClient): EventReads =>
  new EventReads(cache, {
    queryKey: queryKeys.statisticsHistory,
    isConcerned: (frame) => {
      if (frame.type !== "new_message") return false;
      const today = cache.getQueryData<Statistics>(queryKeys.statistics)?.today.startsAt;
      return today !== undefined && frame.data.timestamp < today;
    },
    intervalMs: { visible: 30_000, hidden: 120_000 },
    maxShare: 0.1,
  });
