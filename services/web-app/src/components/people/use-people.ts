import type { UserEntry } from "@syszap/contracts";
import { maxPageSize, maxUsers } from "@syszap/contracts/constants";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../../page/api.ts";

const queryKey = ["people"];

/** All people of the company by name. No event reports changes, so each visit reads them again. */
export const usePeople = (isWanted = true) =>
  useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const people: UserEntry[] = [];
      let before: string | undefined;
      do {
        const page = await api.call("listUsers", { query: { before, limit: maxPageSize } }, { signal });
        people.push(...page.items);
        before = page.next ?? undefined;
      } while (before !== undefined && people.length < maxUsers);
      return people;
    },
    staleTime: 0,
    enabled: isWanted,
  });

/** Changes people or their links, then reads the people and their teams again. */
export function usePeopleMutation<Input = void, Answer = unknown>(run: (input: Input) => Promise<Answer>) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSettled: () => {
      void cache.invalidateQueries({ queryKey: ["teams"] });
      return cache.invalidateQueries({ queryKey });
    },
  });
}
