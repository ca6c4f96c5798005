import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../../page/api.ts";

const queryKey = ["consumers"];
/** The lag changes with each event and acknowledgement. */
const refetchMs = 5_000;

/** The company's consumers, by name. */
export const useConsumers = () =>
  useQuery({
    queryKey,
    queryFn: async ({ signal }) => (await api.call("listConsumers", {}, { signal })).items,
    staleTime: 0,
    refetchInterval: refetchMs,
  });

/** Removes a consumer, then reads the list again. */
export function useRemoveConsumer(name: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => api.call("removeConsumer", { params: { name } }),
    onSettled: () => cache.invalidateQueries({ queryKey }),
  });
}
