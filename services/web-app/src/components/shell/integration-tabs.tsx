import { useTranslation } from "react-i18next";
import { PageTabs } from "./page-tabs.tsx";

/** Webhooks, consumers and API keys. */
export function IntegrationTabs() {
  const { t } = useTranslation();
  return (
    <PageTabs
      label={t("nav:integrations")}
      tabs={[
        { to: "/integrations/webhooks", label: t("webhooks:title"), testId: "tab-webhooks" },
        { to: "/integrations/consumers", label: t("consumers:title"), testId: "tab-consumers" },
        { to: "/integrations/api-keys", label: t("api-keys:title"), testId: "tab-api-keys" },
      ]}
    />
  );
}
