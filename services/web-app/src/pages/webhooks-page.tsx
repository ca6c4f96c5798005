import "../i18n/administration-texts.ts";
import type { NewWebhook } from "@syszap/contracts";
import { Plus, Webhook as WebhookIcon } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { IntegrationTabs } from "../components/shell/integration-tabs.tsx";
import { PageFrame } from "../components/shell/page-frame.tsx";
import { Button } from "../components/ui/button.tsx";
import { SecretDialog } from "../components/ui/secret-dialog.tsx";
import { Empty, QueryList } from "../components/ui/states.tsx";
import { useWebhooks } from "../components/webhooks/use-webhooks.ts";
import { WebhookCard } from "../components/webhooks/webhook-card.tsx";
import { WebhookForm } from "../components/webhooks/webhook-form.tsx";

/** The company's webhooks, for its managers. */
export function WebhooksPage() {
  const { t } = useTranslation();
  const [isAdding, setAdding] = useState(false);
  const [shown, setShown] = useState<NewWebhook>();
  const query = useWebhooks();
  return (
    <PageFrame
      title={t("webhooks:title")}
      subtitle={t("webhooks:subtitle")}
      actions={
        <Button look="primary" data-testid="webhook-new" onClick={() => setAdding(true)}>
          <Plus className="size-4" /> {t("webhooks:new")}
        </Button>
      }
    >
      <IntegrationTabs />
      <QueryList
        query={query}
        items={query.data}
        empty={<Empty icon={<WebhookIcon />} title={t("webhooks:empty")} text={t("webhooks:emptyText")} />}
      >
        {(webhooks) => (
          <ul className="grid gap-3">
            {webhooks.map((webhook) => (
              <WebhookCard key={webhook.id} webhook={webhook} onSecret={setShown} />
            ))}
          </ul>
        )}
      </QueryList>
      {isAdding && <WebhookForm webhook={undefined} onCreated={setShown} onClose={() => setAdding(false)} />}
      {shown && (
        <SecretDialog
          title={t("webhooks:secretTitle", { url: new URL(shown.url).host })}
          text={t("webhooks:secretText")}
          secret={shown.secret}
          testId="webhook-secret"
          onClose={() => setShown(undefined)}
        />
      )}
    </PageFrame>
  );
}
