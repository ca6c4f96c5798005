import type { Consumer } from "@syszap/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/format.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { ErrorText } from "../ui/states.tsx";
import { useRemoveConsumer } from "./use-consumers.ts";

/** One consumer: its event types and how far it is behind, with a button to remove it. */
export function ConsumerCard({ consumer }: { consumer: Consumer }) {
  const { t } = useTranslation();
  const { full } = useFormats();
  const [isConfirming, setConfirming] = useState(false);
  const { name, types, eventsBehind, oldestUnacknowledgedAt, acknowledgedAt } = consumer;
  const remove = useRemoveConsumer(name);
  return (
    <li
      data-testid="consumer"
      className="flex flex-wrap items-start justify-between gap-3 rounded-2xl border border-line bg-surface p-4 sm:p-5"
    >
      <div className="min-w-0 flex-1 basis-64">
        <h3 className="font-mono font-semibold [overflow-wrap:anywhere]">{name}</h3>
        <p className="text-muted text-sm">{types ? types.join(", ") : t("webhooks:allEvents")}</p>
        <p data-testid="consumer-lag" className={`mt-2 text-sm ${eventsBehind > 0 ? "" : "text-accent"}`}>
          {eventsBehind > 0 ? t("consumers:behind", { count: eventsBehind }) : t("consumers:upToDate")}
          {oldestUnacknowledgedAt && `, ${t("consumers:since", { when: full(oldestUnacknowledgedAt) })}`}
        </p>
        <p className="text-muted text-xs">
          {acknowledgedAt ? t("consumers:acknowledged", { when: full(acknowledgedAt) }) : t("consumers:neverRead")}
        </p>
        <ErrorText error={remove.error} className="mt-2 text-sm" />
      </div>
      <Button data-testid="consumer-remove" disabled={remove.isPending} onClick={() => setConfirming(true)}>
        {t("consumers:remove")}
      </Button>
      {isConfirming && (
        <Confirm
          title={t("consumers:confirmRemove", { name })}
          text={t("consumers:confirmRemoveText")}
          action={t("consumers:remove")}
          onConfirm={() => remove.mutate()}
          onClose={() => setConfirming(false)}
        />
      )}
    </li>
  );
}
