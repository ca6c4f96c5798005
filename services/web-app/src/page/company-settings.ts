import type { AnswerOf } from "@syszap/contracts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "./api.ts";

type Settings = AnswerOf<"getCompanySettings">;

const queryKey = ["company-settings"];

/** The query of the company's settings, and `save` to change some of them. `onSaved` is called after a change. */
export function useCompanySettings(onSaved: () => void) {
  const cache = useQueryClient();
  const query = useQuery({
    queryKey,
    queryFn: ({ signal }) => api.call("getCompanySettings", {}, { signal }),
    staleTime: 0,
  });
  const save = useMutation({
    mutationFn: (changes: Partial<Settings>) => api.call("updateCompanySettings", { body: changes }),
    onSuccess: (changed) => {
      cache.setQueryData<Settings>(queryKey, changed);
      onSaved();
    },
  });
  /** While a change is being saved, the new values are shown. */
  const data = query.data && save.isPending ? { ...query.data, ...save.variables } : query.data;
  return { query: { ...query, data }, save };
}
