import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";

const tabs = [
  { to: "/integrations/webhooks", label: "webhooks:title", testId: "tab-webhooks" },
  { to: "/integrations/consumers", label: "consumers:title", testId: "tab-consumers" },
  { to: "/integrations/api-keys", label: "api-keys:title", testId: "tab-api-keys" },
] as const;

/** Webhooks, consumers and API keys. */
export function IntegrationTabs() {
  const { t } = useTranslation();
  return (
    <nav aria-label={t("nav:integrations")} className="mb-6 flex gap-1 border-line border-b">
      {tabs.map(({ to, label, testId }) => (
        <NavLink
          key={to}
          to={to}
          data-testid={testId}
          className={({ isActive }) =>
            `-mb-px min-h-11 border-b-2 px-3 py-2.5 font-medium text-sm ${isActive ? "border-accent text-accent" : "border-transparent text-muted hover:text-ink"}`
          }
        >
          {t(label)}
        </NavLink>
      ))}
    </nav>
  );
}
