import type { NewWebhook } from "@syszap/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../basics/button.tsx";
import { Modal } from "../basics/modal.tsx";

/** The only time that a secret is shown. */
export function SecretDialog({ webhook, onClose }: { webhook: NewWebhook; onClose: () => void }) {
  const { t } = useTranslation();
  const [isCopied, setCopied] = useState(false);
  const copy = () =>
    navigator.clipboard.writeText(webhook.secret).then(
      () => setCopied(true),
      () => undefined, // it can be marked by hand
    );
  return (
    <Modal
      title={t("webhooks.secretTitle", { url: new URL(webhook.url).host })}
      onClose={onClose}
      testId="webhook-secret"
    >
      <p className="text-muted">{t("webhooks.secretText")}</p>
      <code data-testid="webhook-secret-value" className="my-4 block break-all rounded-lg bg-canvas p-3 text-sm">
        {webhook.secret}
      </code>
      <div className="flex justify-end gap-2">
        <Button onClick={() => void copy()}>{t(isCopied ? "webhooks.copied" : "webhooks.copy")}</Button>
        <Button look="primary" data-testid="webhook-secret-kept" onClick={onClose}>
          {t("webhooks.done")}
        </Button>
      </div>
    </Modal>
  );
}
