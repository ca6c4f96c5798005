import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { queryKeys } from "../../live/query-client.ts";
import { peopleQuery } from "../../page/queries.ts";

/** All people of the company. Each visit reads them again. */
export const usePeople = (isWanted = true) => useQuery({ ...peopleQuery, staleTime: 0, enabled: isWanted });

/** Changes people or their links, then reads the people and their teams again. */
export function usePeopleMutation<Input = void, Answer = unknown>(run: (input: Input) => Promise<Answer>) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSettled: () => {
      void cache.invalidateQueries({ queryKey: queryKeys.teams });
      return cache.invalidateQueries({ queryKey: queryKeys.people });
    },
  });
}
