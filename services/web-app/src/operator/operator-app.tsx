import "../i18n/operator-texts.ts";
import { QueryClientProvider } from "@tanstack/react-query";
import { Activity, Building2, CircleUser, LogOut, ShieldUser, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { BrowserRouter, Navigate, NavLink, Outlet, Route, Routes } from "react-router";
import { LanguageSwitch } from "../components/shell/language-switch.tsx";
import { Logo } from "../components/shell/logo.tsx";
import { Starting } from "../components/shell/starting.tsx";
import { Boundary } from "../components/ui/boundary.tsx";
import { IconButton } from "../components/ui/button.tsx";
import { useStore } from "../lib/store.ts";
import { auth, queryClient } from "./operator-api.ts";
import { OperatorLogin } from "./operator-login.tsx";
import { CompaniesPage } from "./pages/companies-page.tsx";
import { CompanyPage } from "./pages/company-page.tsx";
import { HealthPage } from "./pages/health-page.tsx";
import { OperatorAccountPage } from "./pages/operator-account-page.tsx";
import { OperatorFailuresPage } from "./pages/operator-failures-page.tsx";
import { OperatorsPage } from "./pages/operators-page.tsx";

void auth.restore();

/** The pages of the platform's operators. They share no state with a company's login. */
export function OperatorApp() {
  return (
    <QueryClientProvider client={queryClient}>
      <Content />
    </QueryClientProvider>
  );
}

function Content() {
  const state = useStore(auth.state);
  if (state.kind === "signed_out") return <OperatorLogin wasExpired={state.wasExpired} />;
  if (state.kind !== "signed_in")
    return <Starting isUnreachable={state.kind === "unreachable"} onRetry={() => void auth.restore()} />;
  const { operator } = state;
  return (
    <BrowserRouter basename="/operator">
      <Boundary className="h-dvh">
        <Routes>
          <Route element={<Frame name={operator.name} />}>
            <Route path="/companies" element={<CompaniesPage />} />
            <Route path="/companies/:id" element={<CompanyPage />} />
            <Route path="/operators" element={<OperatorsPage ownId={operator.id} />} />
            <Route path="/health" element={<HealthPage />} />
            <Route path="/failures" element={<OperatorFailuresPage />} />
            <Route path="/account" element={<OperatorAccountPage operator={operator} />} />
            <Route path="*" element={<Navigate to="/companies" replace />} />
          </Route>
        </Routes>
      </Boundary>
    </BrowserRouter>
  );
}

const tabs = [
  { path: "/companies", text: "operator:nav.companies", Icon: Building2 },
  { path: "/operators", text: "operator:nav.operators", Icon: ShieldUser },
  { path: "/health", text: "operator:nav.health", Icon: Activity },
  { path: "/failures", text: "operator:nav.failures", Icon: TriangleAlert },
  { path: "/account", text: "operator:nav.account", Icon: CircleUser },
] as const;

function Frame({ name }: { name: string }) {
  const { t } = useTranslation();
  const logOut = () => {
    queryClient.clear();
    void auth.logOut();
  };
  return (
    <div className="flex h-dvh flex-col">
      <header className="border-line border-b bg-surface px-3 sm:px-6">
        <div className="flex items-center justify-between gap-3 py-2">
          <span className="flex min-w-0 items-center gap-2.5">
            <Logo className="size-8 shrink-0 max-sm:hidden" />
            <span className="min-w-0 leading-tight">
              <span className="block font-semibold max-sm:text-sm">{t("operator:title")}</span>
              <span className="block truncate text-muted text-xs">{name}</span>
            </span>
          </span>
          <span className="flex items-center gap-1">
            <LanguageSwitch />
            <IconButton label={t("operator:logout")} data-testid="operator-logout" onClick={logOut}>
              <LogOut className="size-5" />
            </IconButton>
          </span>
        </div>
        <nav aria-label={t("operator:title")} className="-mx-1 flex flex-wrap">
          {tabs.map(({ path, text, Icon }) => (
            <NavLink
              key={path}
              to={path}
              data-testid={`operator-tab-${path.slice(1)}`}
              className={({ isActive }) =>
                `flex min-h-11 shrink-0 items-center gap-2 border-b-2 px-2.5 font-medium text-sm sm:px-3 ${isActive ? "border-accent text-accent" : "border-transparent text-muted hover:text-ink"}`
              }
            >
              <Icon aria-hidden="true" className="size-4 max-sm:hidden" />
              {t(text)}
            </NavLink>
          ))}
        </nav>
      </header>
      <Outlet />
    </div>
  );
}
