import type { DurableType, NewWebhook, Webhook } from "@syszap/contracts";
import { maxWebhookDescriptionLength, maxWebhookUrlLength, selectableTypes } from "@syszap/contracts/constants";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../page/api.ts";
import { FormDialog } from "../ui/form-dialog.tsx";
import { TextField } from "../ui/text-field.tsx";
import { useWebhookMutation } from "./use-webhooks.ts";

interface WebhookFormProps {
  /** Undefined creates a new webhook. */
  webhook: Webhook | undefined;
  onClose: () => void;
  onCreated?: (webhook: NewWebhook) => void;
}

/** Creates or edits a webhook: its URL, description and event types. */
export function WebhookForm({ webhook, onClose, onCreated }: WebhookFormProps) {
  const { t } = useTranslation();
  const [url, setUrl] = useState(webhook?.url ?? "");
  const [description, setDescription] = useState(webhook?.description ?? "");
  const [eventTypes, setEventTypes] = useState<string[] | null>(webhook?.eventTypes ?? null);
  const [isOneAtATime, setOneAtATime] = useState(webhook?.isOneAtATime ?? false);
  const save = useWebhookMutation(async () => {
    // A webhook may have a type that only a newer server knows; it is sent back unchanged.
    const types = eventTypes as DurableType[] | null;
    const body = { url: url.trim(), description: description.trim(), eventTypes: types, isOneAtATime };
    if (webhook) await api.call("updateWebhook", { params: { id: webhook.id }, body });
    else onCreated?.(await api.call("createWebhook", { body }));
    onClose();
  });
  const isComplete = url.trim() !== "" && eventTypes?.length !== 0;
  return (
    <FormDialog
      title={t(webhook ? "webhooks:edit" : "webhooks:new")}
      testId="webhook-form"
      submit={{ label: t("webhooks:save"), testId: "webhook-save", isDisabled: !isComplete || save.isPending }}
      error={save.error}
      onSubmit={() => save.mutate(undefined)}
      onClose={onClose}
    >
      <TextField
        label={t("webhooks:url")}
        testId="webhook-url"
        onText={setUrl}
        type="url"
        required
        maxLength={maxWebhookUrlLength}
        value={url}
        placeholder="https://erp.example.com/hooks/inbox"
      />
      <TextField
        label={t("webhooks:description")}
        testId="webhook-description"
        onText={setDescription}
        maxLength={maxWebhookDescriptionLength}
        value={description}
      />
      <EventTypes chosen={eventTypes} onChange={setEventTypes} />
      <label className="flex items-center gap-2 text-sm">
        <input
          type="checkbox"
          data-testid="webhook-one-at-a-time"
          checked={isOneAtATime}
          onChange={(event) => setOneAtATime(event.target.checked)}
        />
        {t("webhooks:oneAtATime")}
      </label>
    </FormDialog>
  );
}

interface EventTypesProps {
  /** Null chooses all types. */
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
          {selectableTypes.map((type) => (
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
