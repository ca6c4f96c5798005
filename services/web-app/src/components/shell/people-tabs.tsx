import { useTranslation } from "react-i18next";
import { PageTabs } from "./page-tabs.tsx";

/** People, teams and the audit log. */
export function PeopleTabs() {
  const { t } = useTranslation();
  return (
    <PageTabs
      label={t("nav:people")}
      tabs={[
        { to: "/people", label: t("people:title"), testId: "tab-people" },
        { to: "/people/teams", label: t("teams:title"), testId: "tab-teams" },
        { to: "/people/audit", label: t("audit:title"), testId: "tab-audit" },
      ]}
    />
  );
}
