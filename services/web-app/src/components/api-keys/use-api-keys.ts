import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "../../page/api.ts";
import { usePagedList } from "../../page/list-query.ts";

const queryKey = ["api-keys"];
const pageSize = 50;

/** Newest first, including revoked keys. */
export const useApiKeys = () =>
  usePagedList({
    key: queryKey,
    read: (before, signal) => api.call("listApiKeys", { query: { before, limit: pageSize } }, { signal }),
  });

/** Creates or revokes a key, then reads the list again. */
export function useApiKeyMutation<Input, Answer>(run: (input: Input) => Promise<Answer>) {
  const cache = useQueryClient();
  return useMutation({ mutationFn: run, onSettled: () => cache.invalidateQueries({ queryKey }) });
}
