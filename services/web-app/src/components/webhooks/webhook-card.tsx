import type { NewWebhook, Webhook } from "@syszap/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { describeError } from "../../i18n/errors.ts";
import { useFormats } from "../../i18n/format.ts";
import { webhookApi } from "../../page/websocket-service.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { DeliveryLog } from "./delivery-log.tsx";
import { useWebhookAct } from "./use-webhooks.ts";
import { WebhookForm } from "./webhook-form.tsx";

interface WebhookCardProps {
  webhook: Webhook;
  onSecret: (webhook: NewWebhook) => void;
}

/** One endpoint: how it does, what was sent to it, and what can be done. */
export function WebhookCard({ webhook, onSecret }: WebhookCardProps) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<"edit" | "rotate" | "remove">();
  const [isLogOpen, setLogOpen] = useState(false);
  const act = useWebhookAct((run: () => Promise<unknown>) => run());
  const { id, isEnabled } = webhook;
  const test = () => {
    setLogOpen(true);
    act.mutate(() => webhookApi.act(id, "test"));
  };
  const close = () => setAsked(undefined);
  return (
    <li data-testid="webhook" className="grid gap-3 rounded-2xl border border-line bg-surface p-4 sm:p-5">
      <div className="min-w-0">
        <h3 className="break-all font-semibold">{webhook.url}</h3>
        {webhook.description && <p className="text-muted text-sm">{webhook.description}</p>}
        <Condition webhook={webhook} />
        <p className="mt-1 break-words font-mono text-muted text-xs">
          {webhook.eventTypes?.join(", ") ?? t("webhooks:allEvents")}
        </p>
      </div>
      {act.error && (
        <p role="alert" className="text-danger text-sm">
          {describeError(act.error, t)}
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        <Button data-testid="webhook-log" aria-expanded={isLogOpen} onClick={() => setLogOpen(!isLogOpen)}>
          {t("webhooks:deliveries")}
        </Button>
        <Button data-testid="webhook-test" disabled={!isEnabled || act.isPending} onClick={test}>
          {t("webhooks:test")}
        </Button>
        <Button data-testid="webhook-edit" onClick={() => setAsked("edit")}>
          {t("webhooks:edit")}
        </Button>
        <Button data-testid="webhook-rotate" onClick={() => setAsked("rotate")}>
          {t("webhooks:rotate")}
        </Button>
        <Button
          data-testid="webhook-switch"
          look={isEnabled ? "quiet" : "primary"}
          disabled={act.isPending}
          onClick={() => act.mutate(() => webhookApi.act(id, isEnabled ? "disable" : "enable"))}
        >
          {t(isEnabled ? "webhooks:disable" : "webhooks:enable")}
        </Button>
        <Button data-testid="webhook-remove" look="plain" onClick={() => setAsked("remove")}>
          {t("webhooks:remove")}
        </Button>
      </div>
      {isLogOpen && <DeliveryLog webhookId={id} isEnabled={isEnabled} />}
      {asked === "edit" && <WebhookForm webhook={webhook} onClose={close} />}
      {asked === "rotate" && (
        <Confirm
          title={t("webhooks:confirmRotate")}
          text={t("webhooks:confirmRotateText")}
          action={t("webhooks:rotate")}
          onConfirm={() => act.mutate(async () => onSecret(await webhookApi.rotateSecret(id)))}
          onClose={close}
        />
      )}
      {asked === "remove" && (
        <Confirm
          title={t("webhooks:confirmRemove")}
          text={t("webhooks:confirmRemoveText")}
          action={t("webhooks:remove")}
          onConfirm={() => act.mutate(() => webhookApi.remove(id))}
          onClose={close}
        />
      )}
    </li>
  );
}

function Condition({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation();
  const { full } = useFormats();
  const { disabledReason, failingSince, pausedUntil, previousSecretEndsAt } = webhook;
  const pause = pausedUntil ? `, ${t("webhooks:pausedUntil", { when: full(pausedUntil) })}` : "";
  return (
    <>
      <p
        data-testid="webhook-condition"
        className={`text-sm ${disabledReason || failingSince ? "text-danger" : "text-accent"}`}
      >
        {disabledReason
          ? t(`webhooks:ended.${disabledReason}`)
          : failingSince
            ? t("webhooks:failingSince", { when: full(failingSince) }) + pause
            : t("webhooks:active")}
      </p>
      {previousSecretEndsAt && (
        <p className="text-muted text-xs">{t("webhooks:oldSecret", { when: full(previousSecretEndsAt) })}</p>
      )}
    </>
  );
}
