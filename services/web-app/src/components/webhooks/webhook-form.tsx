import { durableTypes, type NewWebhook, type Webhook } from "@syszap/contracts";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { describeError } from "../../i18n/errors.ts";
import { webhookApi } from "../../page/websocket-service.ts";
import { Button } from "../ui/button.tsx";
import { FormEnd } from "../ui/form-footer.tsx";
import { Modal } from "../ui/modal.tsx";
import { useWebhookAct } from "./use-webhooks.ts";

interface WebhookFormProps {
  /** Undefined: a new one. */
  webhook: Webhook | undefined;
  onClose: () => void;
  onCreated?: (webhook: NewWebhook) => void;
}
const field = "rounded-lg border border-line bg-canvas px-3 py-2.5 outline-none focus:border-accent";

/** Address, purpose and event types of a new endpoint, or of one that is there. */
export function WebhookForm({ webhook, onClose, onCreated }: WebhookFormProps) {
  const { t } = useTranslation();
  const [url, setUrl] = useState(webhook?.url ?? "");
  const [description, setDescription] = useState(webhook?.description ?? "");
  const [eventTypes, setEventTypes] = useState<string[] | null>(webhook?.eventTypes ?? null);
  const save = useWebhookAct(async () => {
    const settings = { url: url.trim(), description: description.trim(), eventTypes };
    if (webhook) await webhookApi.update(webhook.id, settings);
    else onCreated?.(await webhookApi.create(settings));
    onClose();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined);
  };
  const isComplete = url.trim() !== "" && eventTypes?.length !== 0;
  return (
    <Modal title={t(webhook ? "webhooks:edit" : "webhooks:new")} onClose={onClose} testId="webhook-form">
      <form onSubmit={submit} className="grid gap-5">
        <label className="grid gap-1.5">
          <span className="font-medium text-sm">{t("webhooks:url")}</span>
          <input
            data-testid="webhook-url"
            type="url"
            required
            maxLength={2_000}
            value={url}
            placeholder="https://erp.example.com/hooks/inbox"
            onChange={(event) => setUrl(event.target.value)}
            className={field}
          />
        </label>
        <label className="grid gap-1.5">
          <span className="font-medium text-sm">{t("webhooks:description")}</span>
          <input
            data-testid="webhook-description"
            maxLength={200}
            value={description}
            onChange={(event) => setDescription(event.target.value)}
            className={field}
          />
        </label>
        <EventTypes chosen={eventTypes} onChange={setEventTypes} />
        <FormEnd error={save.error && describeError(save.error, t)} onCancel={onClose}>
          <Button look="primary" type="submit" data-testid="webhook-save" disabled={!isComplete || save.isPending}>
            {t("webhooks:save")}
          </Button>
        </FormEnd>
      </form>
    </Modal>
  );
}

interface EventTypesProps {
  chosen: string[] | null;
  onChange: (chosen: string[] | null) => void;
}

function EventTypes({ chosen, onChange }: EventTypesProps) {
  const { t } = useTranslation();
  const toggle = (type: string) =>
    onChange(chosen?.includes(type) ? chosen.filter((each) => each !== type) : [...(chosen ?? []), type]);
  return (
    <fieldset className="grid gap-2">
      {[
        { isAll: true, label: t("webhooks:allEvents"), id: "webhook-all" },
        { isAll: false, label: t("webhooks:someEvents"), id: "webhook-some" },
      ].map(({ isAll, label, id }) => (
        <label key={id} className="flex items-center gap-2 text-sm">
          <input
            type="radio"
            name="event-types"
            data-testid={id}
            checked={(chosen === null) === isAll}
            onChange={() => onChange(isAll ? null : [])}
          />
          {label}
        </label>
      ))}
      {chosen && (
        <div className="grid gap-1.5 pl-6 sm:grid-cols-2">
          {durableTypes.map((type) => (
            <label key={type} className="flex items-center gap-2 font-mono text-xs">
              <input type="checkbox" checked={chosen.includes(type)} onChange={() => toggle(type)} />
              {type}
            </label>
          ))}
        </div>
      )}
    </fieldset>
  );
}
