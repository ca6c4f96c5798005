import type { ClientDetails } from "@syszap/contracts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../../page/api.ts";

const queryKey = (id: string) => ["client-details", id];

/** A client with all its numbers. Each visit reads it again, because no event reports numbers. */
export const useClientDetails = (id: string) =>
  useQuery({
    queryKey: queryKey(id),
    queryFn: ({ signal }) => api.call("getClient", { params: { id } }, { signal }),
    staleTime: 0,
  });

/** Changes a client, then reads it again. */
export function useClientMutation<Input = void>(id: string, run: (input: Input) => Promise<ClientDetails>) {
  const cache = useQueryClient();
  return useMutation({ mutationFn: run, onSettled: () => cache.invalidateQueries({ queryKey: queryKey(id) }) });
}
