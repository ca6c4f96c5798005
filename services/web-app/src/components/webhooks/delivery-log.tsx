import type { WebhookDelivery } from "@syszap/contracts";
import { webhookDeliveryStates } from "@syszap/contracts/constants";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/format.ts";
import { describeTryFailure } from "../../i18n/reasons.ts";
import { api } from "../../page/api.ts";
import { Button } from "../ui/button.tsx";
import { ErrorText, Loading, LoadMore, QueryList } from "../ui/states.tsx";
import { type DeliveryState, useDeliveries, useWebhookMutation } from "./use-webhooks.ts";

/** Undefined shows all deliveries. */
const filters = [undefined, ...webhookDeliveryStates];

/** The deliveries of a webhook with their attempts. One or all failed deliveries can be sent again. */
export function DeliveryLog({ webhookId, isEnabled }: { webhookId: string; isEnabled: boolean }) {
  const { t } = useTranslation();
  const [state, setState] = useState<DeliveryState>();
  const { query, items } = useDeliveries(webhookId, state);
  const redriveFailed = useWebhookMutation(() => api.call("redriveWebhookDeliveries", { params: { id: webhookId } }));
  return (
    <div className="grid gap-3 border-line border-t pt-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <fieldset className="flex flex-wrap gap-1">
          <legend className="sr-only">{t("webhooks:deliveries")}</legend>
          {filters.map((each) => (
            <button
              key={each ?? "all"}
              type="button"
              aria-pressed={each === state}
              data-testid={`deliveries-${each ?? "all"}`}
              onClick={() => setState(each)}
              className={`min-h-9 rounded-lg px-3 text-sm ${each === state ? "bg-accent-soft text-accent" : "text-muted hover:bg-hover"}`}
            >
              {t(each ? `webhooks:states.${each}` : "webhooks:all")}
            </button>
          ))}
        </fieldset>
        <Button
          data-testid="redrive-failed"
          disabled={!isEnabled || redriveFailed.isPending}
          onClick={() => redriveFailed.mutate(undefined)}
        >
          {t("webhooks:allAgain")}
        </Button>
      </div>
      <ErrorText error={redriveFailed.error} />
      {redriveFailed.data && (
        <p role="status" className="text-muted text-sm">
          {t("webhooks:redriven", { count: redriveFailed.data.redriven })}{" "}
          {redriveFailed.data.remaining > 0 && t("webhooks:remaining", { count: redriveFailed.data.remaining })}
        </p>
      )}
      <QueryList
        query={query}
        items={items}
        loading={<Loading className="p-4" />}
        empty={<p className="text-muted text-sm">{t("webhooks:noDeliveries")}</p>}
      >
        {(deliveries) => (
          <ul className="grid gap-2">
            {deliveries.map((delivery) => (
              <Delivery key={delivery.eventId} webhookId={webhookId} isEnabled={isEnabled} delivery={delivery} />
            ))}
          </ul>
        )}
      </QueryList>
      <LoadMore query={query} />
    </div>
  );
}

interface DeliveryProps {
  webhookId: string;
  isEnabled: boolean;
  delivery: WebhookDelivery;
}
const looks: Record<DeliveryState, string> = {
  waiting: "bg-hover",
  delivered: "bg-accent-soft text-accent",
  failed: "bg-danger-soft text-danger",
};

function Delivery({ webhookId, isEnabled, delivery }: DeliveryProps) {
  const { t } = useTranslation();
  const { full } = useFormats();
  const redrive = useWebhookMutation(() =>
    api.call("redriveWebhookDelivery", { params: { id: webhookId, eventId: delivery.eventId } }),
  );
  return (
    <li data-testid="delivery" data-state={delivery.state} className="rounded-lg border border-line p-3 text-sm">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <span className="flex flex-wrap items-center gap-2">
          <span className={`rounded-full px-2.5 py-0.5 text-xs ${looks[delivery.state]}`}>
            {t(`webhooks:states.${delivery.state}`)}
          </span>
          <span className="font-mono text-xs">{delivery.eventType}</span>
          <span className="text-muted text-xs">{full(delivery.createdAt)}</span>
        </span>
        {delivery.state !== "waiting" && (
          <Button
            look="plain"
            data-testid="delivery-redrive"
            disabled={!isEnabled || redrive.isPending}
            onClick={() => redrive.mutate(undefined)}
          >
            {t("webhooks:again")}
          </Button>
        )}
      </div>
      {delivery.tries.length > 0 && (
        <details className="mt-1">
          <summary className="cursor-pointer text-muted text-xs">
            {t("webhooks:attempts", { count: delivery.tries.length })}
            {delivery.nextAttemptAt && `, ${t("webhooks:next", { when: full(delivery.nextAttemptAt) })}`}
          </summary>
          <ol className="mt-2 grid gap-1.5">
            {delivery.tries.map((each) => (
              <li key={each.at} className="break-words text-xs">
                {full(each.at)} · {each.status ?? t("webhooks:noAnswer")} · {each.durationMs} ms
                {each.error && <span className="text-danger"> · {describeTryFailure(each, t)}</span>}
                {each.excerpt && <code className="block break-all text-muted">{each.excerpt}</code>}
              </li>
            ))}
          </ol>
        </details>
      )}
    </li>
  );
}
