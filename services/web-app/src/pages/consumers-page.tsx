import "../i18n/administration-texts.ts";
import { ListChecks } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ConsumerCard } from "../components/consumers/consumer-card.tsx";
import { useConsumers } from "../components/consumers/use-consumers.ts";
import { IntegrationTabs } from "../components/shell/integration-tabs.tsx";
import { PageFrame } from "../components/shell/page-frame.tsx";
import { Empty, QueryList } from "../components/ui/states.tsx";

/** The programs that read the company's events, for its managers. Programs create consumers themselves. */
export function ConsumersPage() {
  const { t } = useTranslation();
  const query = useConsumers();
  return (
    <PageFrame title={t("consumers:title")} subtitle={t("consumers:subtitle")}>
      <IntegrationTabs />
      <QueryList
        query={query}
        items={query.data}
        empty={<Empty icon={<ListChecks />} title={t("consumers:empty")} text={t("consumers:emptyText")} />}
      >
        {(consumers) => (
          <ul className="grid gap-3">
            {consumers.map((consumer) => (
              <ConsumerCard key={consumer.name} consumer={consumer} />
            ))}
          </ul>
        )}
      </QueryList>
    </PageFrame>
  );
}
