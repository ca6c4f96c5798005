import type { ApiKey, Page } from "@syszap/contracts";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { apiKeyApi } from "../../page/websocket-service.ts";

const queryKey = ["api-keys"];

/** Newest first, revoked ones too. Nothing tells of changes, so each visit reads them again. */
export function useApiKeys() {
  const query = useInfiniteQuery<Page<ApiKey>, Error>({
    queryKey,
    queryFn: ({ pageParam, signal }) => apiKeyApi.list(pageParam as string | undefined, signal),
    initialPageParam: undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    staleTime: 0,
  });
  return { query, apiKeys: query.data?.pages.flatMap(({ items }) => items) };
}

/** Makes or ends a key, then shows them as they are. */
export function useApiKeyAct<Input, Answer>(run: (input: Input) => Promise<Answer>) {
  const cache = useQueryClient();
  return useMutation({ mutationFn: run, onSettled: () => cache.invalidateQueries({ queryKey }) });
}
