import type { DeadLetter, Page } from "@syszap/contracts";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { DeadLetterApi, DeadLetterState } from "../../api/dead-letters.ts";

/** No event tells of them: looked at again while something is on its way, and never otherwise. */
const underWayLookMs = 2_000;
/** What was asked for has its end by then, as a rule. */
const endsWithinMs = 20_000;

/** As they are when the page opens, after each thing done here, and while attempts are under way. */
export function useDeadLetters(api: DeadLetterApi, state: DeadLetterState, askedAtMs: number) {
  const query = useInfiniteQuery<Page<DeadLetter>, Error>({
    queryKey: ["dead-letters", api.path, state],
    queryFn: ({ pageParam, signal }) => api.list(state, pageParam as string | undefined, signal),
    initialPageParam: undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    staleTime: 0,
    refetchInterval: ({ state: { data } }) => {
      const isUnderWay = state === "redriving" && data?.pages.some(({ items }) => items.length > 0);
      return isUnderWay || Date.now() - askedAtMs < endsWithinMs ? underWayLookMs : false;
    },
  });
  return { query, letters: query.data?.pages.flatMap(({ items }) => items) };
}
