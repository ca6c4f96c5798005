import type { Query, QueryClient } from "@tanstack/react-query";

const isFailing = ({ state }: Query): boolean => state.status === "error" || state.fetchFailureCount > 0;

/** Sends the requests of open pages that are failing again now, instead of after their backoff. */
export async function retryFailing(cache: QueryClient): Promise<void> {
  const failing = cache.getQueryCache().findAll({ type: "active", predicate: isFailing });
  await Promise.all(
    failing.map(async ({ queryKey }) => {
      await cache.cancelQueries({ queryKey, exact: true });
      await cache.refetchQueries({ queryKey, exact: true });
    }),
  );
}
