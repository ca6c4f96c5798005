import { RealtimeProvider } from "@syszap/client-react";
import { pagePaths } from "@syszap/contracts/constants";
import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useMemo } from "react";
import { BrowserRouter, Navigate, Outlet, Route, Routes } from "react-router";
import { Shell } from "./components/shell/shell.tsx";
import { Starting } from "./components/shell/starting.tsx";
import { Boundary } from "./components/ui/boundary.tsx";
import { useStore } from "./lib/store.ts";
import { followEvents } from "./live/apply-events.ts";
import { auth } from "./page/api.ts";
import { MeContext, mayManageSessions, useMe } from "./page/me.ts";
import { clearPageState, queryClient } from "./page/state.ts";
import { useAccountLanguage } from "./page/use-account-language.ts";
import { useRightsChange } from "./page/use-rights-change.ts";
import { websocketService } from "./page/websocket-service.ts";
import { ClientsPage } from "./pages/clients-page.tsx";
import { DashboardPage } from "./pages/dashboard-page.tsx";
import { LoginPage } from "./pages/login-page.tsx";
import { MessagesPage } from "./pages/messages-page.tsx";
import { SessionsPage } from "./pages/sessions-page.tsx";

// Separate bundles: most visits do not need them.
const AccountPage = lazy(async () => ({ default: (await import("./pages/account-page.tsx")).AccountPage }));
const ApiKeysPage = lazy(async () => ({ default: (await import("./pages/api-keys-page.tsx")).ApiKeysPage }));
const AuditPage = lazy(async () => ({ default: (await import("./pages/audit-page.tsx")).AuditPage }));
const ConsumersPage = lazy(async () => ({ default: (await import("./pages/consumers-page.tsx")).ConsumersPage }));
const FailuresPage = lazy(async () => ({ default: (await import("./pages/failures-page.tsx")).FailuresPage }));
const PeoplePage = lazy(async () => ({ default: (await import("./pages/people-page.tsx")).PeoplePage }));
const TeamsPage = lazy(async () => ({ default: (await import("./pages/teams-page.tsx")).TeamsPage }));
const WebhooksPage = lazy(async () => ({ default: (await import("./pages/webhooks-page.tsx")).WebhooksPage }));
const ForgotPasswordPage = lazy(async () => ({
  default: (await import("./pages/access/forgot-password-page.tsx")).ForgotPasswordPage,
}));
const InvitationPage = lazy(async () => ({
  default: (await import("./pages/access/invitation-page.tsx")).InvitationPage,
}));
const PasswordResetPage = lazy(async () => ({
  default: (await import("./pages/access/password-reset-page.tsx")).PasswordResetPage,
}));

export function App() {
  const state = useStore(auth.state);
  const me = state.kind === "signed_in" ? state.me : undefined;
  const companyId = me?.companyId;
  const userId = me?.userId;
  const identity = useMemo(() => (companyId && userId ? { companyId, userId } : undefined), [companyId, userId]);
  useEffect(() => followEvents(queryClient, websocketService), []);
  useEffect(() => {
    if (state.kind === "signed_out") clearPageState();
  }, [state.kind]);
  useAccountLanguage(me?.language);
  useRightsChange(me);
  return (
    <QueryClientProvider client={queryClient}>
      <RealtimeProvider client={websocketService} identity={identity}>
        <BrowserRouter>
          <Boundary className="h-dvh">
            <Suspense fallback={<Starting onRetry={restore} />}>
              <Routes>
                <Route path={pagePaths.invitation} element={<InvitationPage />} />
                <Route path={pagePaths.forgotPassword} element={<ForgotPasswordPage />} />
                <Route path={pagePaths.passwordReset} element={<PasswordResetPage />} />
                <Route path="*" element={<Content />} />
              </Routes>
            </Suspense>
          </Boundary>
        </BrowserRouter>
      </RealtimeProvider>
    </QueryClientProvider>
  );
}

const restore = () => void auth.restore();

function Content() {
  const state = useStore(auth.state);
  if (state.kind === "signed_in")
    return (
      <MeContext value={state.me}>
        <Pages />
      </MeContext>
    );
  if (state.kind === "signed_out") return <LoginPage wasExpired={state.wasExpired} />;
  return <Starting isUnreachable={state.kind === "unreachable"} onRetry={restore} />;
}

function Pages() {
  return (
    <Routes>
      <Route element={<Shell />}>
        <Route path="/messages" element={<MessagesPage />} />
        <Route path="/messages/:chatId" element={<MessagesPage />} />
        <Route path="/clients" element={<ClientsPage />} />
        <Route path="/sessions" element={<SessionsPage />} />
        <Route path="/dashboard" element={<DashboardPage />} />
        <Route path="/account" element={<AccountPage />} />
        <Route element={<ManagersOnly />}>
          <Route path="/people" element={<PeoplePage />} />
          <Route path="/people/teams" element={<TeamsPage />} />
          <Route path="/people/audit" element={<AuditPage />} />
          <Route path="/failures" element={<FailuresPage />} />
          <Route path="/integrations" element={<Navigate to="/integrations/webhooks" replace />} />
          <Route path="/integrations/webhooks" element={<WebhooksPage />} />
          <Route path="/integrations/consumers" element={<ConsumersPage />} />
          <Route path="/integrations/api-keys" element={<ApiKeysPage />} />
        </Route>
        <Route path="*" element={<Navigate to="/messages" replace />} />
      </Route>
    </Routes>
  );
}

/** Redirects other users to the inbox. */
function ManagersOnly() {
  return mayManageSessions(useMe()) ? <Outlet /> : <Navigate to="/messages" replace />;
}
