import { maxStatisticsDays } from "@syszap/contracts/constants";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { queryKeys } from "../../live/query-client.ts";
import { api } from "../../page/api.ts";

/** The present numbers, read again after events, and when the day ends. */
export function useStatistics() {
  const cache = useQueryClient();
  const query = useQuery({
    queryKey: queryKeys.statistics,
    queryFn: ({ signal }) => api.call("getStatistics", { query: { days: 1 } }, { signal }),
  });
  const endsAt = query.data?.today.endsAt;
  useEffect(() => {
    if (endsAt === undefined) return;
    const readAgain = () => {
      for (const queryKey of [queryKeys.statistics, queryKeys.statisticsHistory])
        void cache.invalidateQueries({ queryKey });
    };
    const timer = setTimeout(readAgain, Math.max(1_000, Date.parse(endsAt) - Date.now()));
    return () => clearTimeout(timer);
  }, [cache, endsAt]);
  return query;
}

/** The last days, read again when a message of an earlier day arrives late. */
export const useStatisticsHistory = () =>
  useQuery({
    queryKey: queryKeys.statisticsHistory,
    queryFn: async ({ signal }) =>
      (await api.call("getStatistics", { query: { days: maxStatisticsDays } }, { signal })).perDay,
  });

/** The present time, updated twice a minute. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
