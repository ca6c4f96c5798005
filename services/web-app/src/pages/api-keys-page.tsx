import "../i18n/administration-texts.ts";
import type { NewApiKey } from "@syszap/contracts";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiKeyCard } from "../components/api-keys/api-key-card.tsx";
import { ApiKeyForm } from "../components/api-keys/api-key-form.tsx";
import { useApiKeys } from "../components/api-keys/use-api-keys.ts";
import { IntegrationTabs } from "../components/shell/integration-tabs.tsx";
import { PageFrame } from "../components/shell/page-frame.tsx";
import { Button } from "../components/ui/button.tsx";
import { SecretDialog } from "../components/ui/secret-dialog.tsx";
import { Empty, LoadMore, QueryList } from "../components/ui/states.tsx";

/** The company's API keys, for its managers. */
export function ApiKeysPage() {
  const { t } = useTranslation();
  const [isAdding, setAdding] = useState(false);
  const [shown, setShown] = useState<NewApiKey>();
  const { query, items } = useApiKeys();
  return (
    <PageFrame
      title={t("api-keys:title")}
      subtitle={t("api-keys:subtitle")}
      actions={
        <Button look="primary" data-testid="api-key-new" onClick={() => setAdding(true)}>
          <Plus className="size-4" /> {t("api-keys:new")}
        </Button>
      }
    >
      <IntegrationTabs />
      <QueryList
        query={query}
        items={items}
        empty={<Empty icon={<KeyRound />} title={t("api-keys:empty")} text={t("api-keys:emptyText")} />}
      >
        {(apiKeys) => (
          <ul className="grid gap-3">
            {apiKeys.map((each) => (
              <ApiKeyCard key={each.id} apiKey={each} />
            ))}
          </ul>
        )}
      </QueryList>
      <LoadMore query={query} className="mt-3" />
      {isAdding && <ApiKeyForm onCreated={setShown} onClose={() => setAdding(false)} />}
      {shown && (
        <SecretDialog
          title={t("api-keys:secretTitle", { name: shown.name })}
          text={t("api-keys:secretText")}
          secret={shown.secret}
          testId="api-key-secret"
          onClose={() => setShown(undefined)}
        />
      )}
    </PageFrame>
  );
}
