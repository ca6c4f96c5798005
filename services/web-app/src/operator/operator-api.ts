import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ApiClient } from "../api/api-client.ts";
import { createQueryClient } from "../live/query-client.ts";
import { OperatorAuth } from "./operator-auth.ts";

/** The operator's login, and the REST API as this operator. They share nothing with a company's login. */
export const auth = new OperatorAuth();
export const api = new ApiClient(auth);
export const queryClient = createQueryClient();

export const operatorKeys = {
  all: ["operator"] as const,
  companies: (search: string) => ["operator", "companies", search] as const,
  company: (id: string) => ["operator", "company", id] as const,
  operators: ["operator", "operators"] as const,
  health: ["operator", "health"] as const,
};

/** Runs an action, then reads everything on the page again. */
export function useOperatorMutation<Input, Answer>(run: (input: Input) => Promise<Answer>) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSettled: () => cache.invalidateQueries({ queryKey: operatorKeys.all }),
  });
}
