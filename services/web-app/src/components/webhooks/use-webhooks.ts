import { useEvent } from "@syszap/client-react";
import type { WebhookDelivery } from "@syszap/contracts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../../page/api.ts";
import { usePagedList } from "../../page/list-query.ts";

export type DeliveryState = WebhookDelivery["state"];

const waitingRefetchMs = 2_000;
const pageSize = 20;
const keys = {
  webhooks: ["webhooks"],
  allDeliveries: ["webhook-deliveries"],
  deliveries: (id: string, state: DeliveryState | undefined) => ["webhook-deliveries", id, state],
} as const;

/** The company's webhooks. An event shows immediately when the server disables one. */
export function useWebhooks() {
  const cache = useQueryClient();
  useEvent("webhook_disabled", () => void cache.invalidateQueries({ queryKey: keys.webhooks }));
  return useQuery({
    queryKey: keys.webhooks,
    queryFn: async ({ signal }) => (await api.call("listWebhooks", {}, { signal })).items,
    staleTime: 0,
  });
}

/** Runs an action on a webhook, then reads the webhooks and their deliveries again. */
export function useWebhookMutation<Input, Answer>(run: (input: Input) => Promise<Answer>) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSettled: () => {
      void cache.invalidateQueries({ queryKey: keys.allDeliveries });
      return cache.invalidateQueries({ queryKey: keys.webhooks });
    },
  });
}

/** The deliveries of a webhook, newest first. Refetched while one of them waits for an attempt. */
export function useDeliveries(webhookId: string, state: DeliveryState | undefined) {
  const cache = useQueryClient();
  return usePagedList<WebhookDelivery>({
    key: keys.deliveries(webhookId, state),
    read: async (before, signal) => {
      const request = { params: { id: webhookId }, query: { state, before, limit: pageSize } };
      const page = await api.call("listWebhookDeliveries", request, { signal });
      // The outcome of deliveries also changes the condition of their webhook.
      void cache.invalidateQueries({ queryKey: keys.webhooks });
      return page;
    },
    refetchInterval: (deliveries) => (deliveries.some((each) => each.state === "waiting") ? waitingRefetchMs : false),
  });
}
