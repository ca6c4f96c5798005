import type { WebhookDelivery } from "@syszap/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { DeliveryState } from "../../api/webhooks.ts";
import { describeError } from "../../i18n/errors.ts";
import { useFormats } from "../../i18n/format.ts";
import { describeTryFailure } from "../../i18n/reasons.ts";
import { webhookApi } from "../../page/websocket-service.ts";
import { Button } from "../ui/button.tsx";
import { Failure, Loading } from "../ui/states.tsx";
import { useDeliveries, useWebhookAct } from "./use-webhooks.ts";

const states: (DeliveryState | undefined)[] = [undefined, "waiting", "delivered", "failed"];

/** What was sent to an endpoint and what became of it, with what can be sent again. */
export function DeliveryLog({ webhookId, isEnabled }: { webhookId: string; isEnabled: boolean }) {
  const { t } = useTranslation();
  const [state, setState] = useState<DeliveryState>();
  const { query, deliveries } = useDeliveries(webhookId, state);
  const redriveFailed = useWebhookAct(() => webhookApi.redriveFailed(webhookId));
  return (
    <div className="grid gap-3 border-line border-t pt-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <fieldset className="flex flex-wrap gap-1">
          <legend className="sr-only">{t("webhooks:deliveries")}</legend>
          {states.map((each) => (
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
      {redriveFailed.error && (
        <p role="alert" className="text-danger text-sm">
          {describeError(redriveFailed.error, t)}
        </p>
      )}
      {redriveFailed.data && (
        <p role="status" className="text-muted text-sm">
          {t("webhooks:redriven", { count: redriveFailed.data.redriven })}{" "}
          {redriveFailed.data.remaining > 0 && t("webhooks:remaining", { count: redriveFailed.data.remaining })}
        </p>
      )}
      {query.isError && !deliveries ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : !deliveries ? (
        <Loading className="p-4" />
      ) : deliveries.length === 0 ? (
        <p className="text-muted text-sm">{t("webhooks:noDeliveries")}</p>
      ) : (
        <ul className="grid gap-2">
          {deliveries.map((delivery) => (
            <Delivery key={delivery.eventId} {...{ webhookId, isEnabled, delivery }} />
          ))}
        </ul>
      )}
      {query.hasNextPage && (
        <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t("common:loadMore")}
        </Button>
      )}
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
  const redrive = useWebhookAct(() => webhookApi.redrive(webhookId, delivery.eventId));
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
