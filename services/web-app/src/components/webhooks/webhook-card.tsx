import type { NewWebhook, Webhook } from "@syszap/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/format.ts";
import { api } from "../../page/api.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { ErrorText } from "../ui/states.tsx";
import { DeliveryLog } from "./delivery-log.tsx";
import { useWebhookMutation } from "./use-webhooks.ts";
import { WebhookForm } from "./webhook-form.tsx";

interface WebhookCardProps {
  webhook: Webhook;
  onSecret: (webhook: NewWebhook) => void;
}

/** One webhook: its condition, its deliveries and the actions on it. */
export function WebhookCard({ webhook, onSecret }: WebhookCardProps) {
  const { t } = useTranslation();
  const [dialog, setDialog] = useState<"edit" | "rotate" | "remove">();
  const [isLogOpen, setLogOpen] = useState(false);
  const action = useWebhookMutation((run: () => Promise<unknown>) => run());
  const { id, isEnabled } = webhook;
  const params = { id };
  const test = () => {
    setLogOpen(true);
    action.mutate(() => api.call("testWebhook", { params }));
  };
  const close = () => setDialog(undefined);
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
      <ErrorText error={action.error} />
      <div className="flex flex-wrap gap-2">
        <Button data-testid="webhook-log" aria-expanded={isLogOpen} onClick={() => setLogOpen(!isLogOpen)}>
          {t("webhooks:deliveries")}
        </Button>
        <Button data-testid="webhook-test" disabled={!isEnabled || action.isPending} onClick={test}>
          {t("webhooks:test")}
        </Button>
        <Button data-testid="webhook-edit" onClick={() => setDialog("edit")}>
          {t("webhooks:edit")}
        </Button>
        <Button data-testid="webhook-rotate" onClick={() => setDialog("rotate")}>
          {t("webhooks:rotate")}
        </Button>
        <Button
          data-testid="webhook-switch"
          look={isEnabled ? "quiet" : "primary"}
          disabled={action.isPending}
          onClick={() => action.mutate(() => api.call(isEnabled ? "disableWebhook" : "enableWebhook", { params }))}
        >
          {t(isEnabled ? "webhooks:disable" : "webhooks:enable")}
        </Button>
        <Button data-testid="webhook-remove" look="plain" onClick={() => setDialog("remove")}>
          {t("webhooks:remove")}
        </Button>
      </div>
      {isLogOpen && <DeliveryLog webhookId={id} isEnabled={isEnabled} />}
      {dialog === "edit" && <WebhookForm webhook={webhook} onClose={close} />}
      {dialog === "rotate" && (
        <Confirm
          title={t("webhooks:confirmRotate")}
          text={t("webhooks:confirmRotateText")}
          action={t("webhooks:rotate")}
          onConfirm={() => action.mutate(async () => onSecret(await api.call("rotateWebhookSecret", { params })))}
          onClose={close}
        />
      )}
      {dialog === "remove" && (
        <Confirm
          title={t("webhooks:confirmRemove")}
          text={t("webhooks:confirmRemoveText")}
          action={t("webhooks:remove")}
          onConfirm={() => action.mutate(() => api.call("removeWebhook", { params }))}
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
  const enabledText = failingSince
    ? t("webhooks:failingSince", { when: full(failingSince) }) + pause
    : t("webhooks:active");
  return (
    <>
      <p
        data-testid="webhook-condition"
        className={`text-sm ${disabledReason || failingSince ? "text-danger" : "text-accent"}`}
      >
        {disabledReason ? t(`webhooks:ended.${disabledReason}`) : enabledText}
      </p>
      {previousSecretEndsAt && (
        <p className="text-muted text-xs">{t("webhooks:oldSecret", { when: full(previousSecretEndsAt) })}</p>
      )}
    </>
  );
}
