import { RealtimeProvider } from "@syszap/client-react";
import { QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { BrowserRouter, Navigate, Outlet, Route, Routes } from "react-router";
import type { AuthState } from "./api/auth.ts";
import { Logo } from "./components/shell/logo.tsx";
import { PageBoundary } from "./components/shell/page-boundary.tsx";
import { Shell } from "./components/shell/shell.tsx";
import { Loading } from "./components/ui/states.tsx";
import { useStore } from "./lib/store.ts";
import { followEvents } from "./live/apply-events.ts";
import { auth } from "./page/api.ts";
import { MeContext, mayManageSessions, useMe } from "./page/me.ts";
import { clearPageState, queryClient } from "./page/state.ts";
import { websocketService } from "./page/websocket-service.ts";
import { ApiKeysPage } from "./pages/api-keys-page.tsx";
import { ClientsPage } from "./pages/clients-page.tsx";
import { ConsumersPage } from "./pages/consumers-page.tsx";
import { DashboardPage } from "./pages/dashboard-page.tsx";
import { FailuresPage } from "./pages/failures-page.tsx";
import { LoginPage } from "./pages/login-page.tsx";
import { MessagesPage } from "./pages/messages-page.tsx";
import { SessionsPage } from "./pages/sessions-page.tsx";
import { WebhooksPage } from "./pages/webhooks-page.tsx";

export function App() {
  const state = useStore(auth.state);
  const me = state.kind === "signed_in" ? state.me : undefined;
  const identity = useMemo(() => me && { companyId: me.companyId, userId: me.userId }, [me]);
  useEffect(() => followEvents(queryClient, websocketService), []);
  useEffect(() => {
    if (state.kind === "signed_out") clearPageState();
  }, [state.kind]);
  return (
    <QueryClientProvider client={queryClient}>
      <RealtimeProvider client={websocketService} identity={identity}>
        <Content state={state} />
      </RealtimeProvider>
    </QueryClientProvider>
  );
}

function Content({ state }: { state: AuthState }) {
  if (state.kind === "signed_in")
    return (
      <MeContext value={state.me}>
        <Pages />
      </MeContext>
    );
  if (state.kind === "signed_out") return <LoginPage wasExpired={state.wasExpired} />;
  return <Starting isUnreachable={state.kind === "unreachable"} />;
}

function Pages() {
  return (
    <BrowserRouter>
      <PageBoundary>
        <Routes>
          <Route element={<Shell />}>
            <Route path="/messages" element={<MessagesPage />} />
            <Route path="/messages/:chatId" element={<MessagesPage />} />
            <Route path="/clients" element={<ClientsPage />} />
            <Route path="/sessions" element={<SessionsPage />} />
            <Route path="/dashboard" element={<DashboardPage />} />
            <Route element={<ManagersOnly />}>
              <Route path="/failures" element={<FailuresPage />} />
              <Route path="/integrations" element={<Navigate to="/integrations/webhooks" replace />} />
              <Route path="/integrations/webhooks" element={<WebhooksPage />} />
              <Route path="/integrations/consumers" element={<ConsumersPage />} />
              <Route path="/integrations/api-keys" element={<ApiKeysPage />} />
            </Route>
            <Route path="*" element={<Navigate to="/messages" replace />} />
          </Route>
        </Routes>
      </PageBoundary>
    </BrowserRouter>
  );
}

/** Redirects other users to the inbox. */
function ManagersOnly() {
  return mayManageSessions(useMe()) ? <Outlet /> : <Navigate to="/messages" replace />;
}

function Starting({ isUnreachable }: { isUnreachable: boolean }) {
  const { t } = useTranslation();
  return (
    <div className="grid h-dvh place-content-center justify-items-center gap-2">
      <Logo className="size-14" />
      <Loading className="p-4" />
      {isUnreachable && (
        <p role="alert" className="px-6 text-center text-muted">
          {t("login:unreachable")}
        </p>
      )}
    </div>
  );
}
