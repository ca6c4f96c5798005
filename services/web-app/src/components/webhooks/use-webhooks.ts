import { useEvent } from "@syszap/client-react";
import type { Page, WebhookDelivery } from "@syszap/contracts";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { DeliveryState } from "../../api/webhooks.ts";
import { webhookApi } from "../../page/websocket-service.ts";

const underWayLookMs = 2_000;
const keys = { all: ["webhooks"], deliveries: (id: string) => ["webhook-deliveries", id] } as const;

/** The company's endpoints. One that is disabled by itself shows at once. */
export function useWebhooks() {
  const cache = useQueryClient();
  useEvent("webhook_disabled", () => void cache.invalidateQueries({ queryKey: keys.all }));
  return useQuery({ queryKey: keys.all, queryFn: ({ signal }) => webhookApi.list(signal), staleTime: 0 });
}

/** Does something to an endpoint, then shows it and its log as they are. */
export function useWebhookAct<Input, Answer>(run: (input: Input) => Promise<Answer>) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSettled: () => {
      void cache.invalidateQueries({ queryKey: ["webhook-deliveries"] });
      return cache.invalidateQueries({ queryKey: keys.all });
    },
  });
}

/** Newest first; looked at again while something of it waits for its attempt. */
export function useDeliveries(webhookId: string, state: DeliveryState | undefined) {
  const cache = useQueryClient();
  const query = useInfiniteQuery<Page<WebhookDelivery>, Error>({
    queryKey: [...keys.deliveries(webhookId), state],
    queryFn: async ({ pageParam, signal }) => {
      const page = await webhookApi.deliveries(webhookId, { state, before: pageParam as string | undefined }, signal);
      // What became of deliveries also tells how their endpoint does.
      void cache.invalidateQueries({ queryKey: keys.all });
      return page;
    },
    initialPageParam: undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    staleTime: 0,
    refetchInterval: ({ state: { data } }) =>
      data?.pages.some(({ items }) => items.some((each) => each.state === "waiting")) ? underWayLookMs : false,
  });
  return { query, deliveries: query.data?.pages.flatMap(({ items }) => items) };
}
