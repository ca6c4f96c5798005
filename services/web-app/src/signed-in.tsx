import { RealtimeProvider } from "@syszap/client-react";
import type { Me } from "@syszap/contracts";
import { QueryClientProvider } from "@tanstack/react-query";
import { type ComponentType, useCallback, useEffect, useMemo, useState } from "react";
import { Navigate, Outlet, Route, Routes } from "react-router";
import { Shell } from "./components/shell/shell.tsx";
import { loadPageTexts } from "./i18n/index.ts";
import { type LazyPart, lazyExtra, lazyPart } from "./lib/lazy-part.ts";
import { followEvents } from "./live/apply-events.ts";
import { answerPresenceChecks } from "./notices/presence.ts";
import { renewPush } from "./notices/push.ts";
import { auth } from "./page/api.ts";
import { MeContext, mayManageSessions, useMe } from "./page/me.ts";
import { queryClient } from "./page/query-client.ts";
import { clearPageState } from "./page/state.ts";
import { useRightsChange } from "./page/use-rights-change.ts";
import { websocketService } from "./page/websocket-service.ts";
import { MessagesPage } from "./pages/messages-page.tsx";

const Notices = lazyExtra(async () => (await import("./components/notices/notices.tsx")).Notices);
const page = (load: () => Promise<ComponentType>): LazyPart<object> =>
  lazyPart(async () => (await Promise.all([load(), loadPageTexts()]))[0]);

/** The pages besides the inbox, by path. Each is a bundle of its own. */
const pages: Record<string, LazyPart<object>> = {
  "/clients": page(async () => (await import("./pages/clients-page.tsx")).ClientsPage),
  "/sessions": page(async () => (await import("./pages/sessions-page.tsx")).SessionsPage),
  "/dashboard": page(async () => (await import("./pages/dashboard-page.tsx")).DashboardPage),
  "/account": page(async () => (await import("./pages/account-page.tsx")).AccountPage),
};
const managementPages: Record<string, LazyPart<object>> = {
  "/people": page(async () => (await import("./pages/people-page.tsx")).PeoplePage),
  "/people/teams": page(async () => (await import("./pages/teams-page.tsx")).TeamsPage),
  "/people/audit": page(async () => (await import("./pages/audit-page.tsx")).AuditPage),
  "/failures": page(async () => (await import("./pages/failures-page.tsx")).FailuresPage),
  "/integrations/webhooks": page(async () => (await import("./pages/webhooks-page.tsx")).WebhooksPage),
  "/integrations/consumers": page(async () => (await import("./pages/consumers-page.tsx")).ConsumersPage),
  "/integrations/api-keys": page(async () => (await import("./pages/api-keys-page.tsx")).ApiKeysPage),
};
const integrations = "/integrations";
const firstIntegration = "/integrations/webhooks";

/** Everything that a signed-in user sees. */
export function SignedIn({ me }: { me: Me }) {
  const { companyId, userId } = me;
  const identity = useMemo(() => ({ companyId, userId }), [companyId, userId]);
  useEffect(() => followEvents(queryClient, websocketService), []);
  useEffect(() => forgetAtSignOut, []);
  useEffect(preloadLinkedPages, []);
  useEffect(answerPresenceChecks, []);
  useEffect(() => void renewPush().catch(() => undefined), [userId]);
  useRightsChange(me);
  const [isNoticing, setNoticing] = useState(false);
  const onNoticesReady = useCallback(() => setNoticing(true), []);
  return (
    <QueryClientProvider client={queryClient}>
      {/* Without the notices, which are loaded after the page, events would be missed. */}
      <RealtimeProvider client={websocketService} identity={isNoticing ? identity : undefined}>
        <MeContext value={me}>
          <Pages />
          <Notices onReady={onNoticesReady} />
        </MeContext>
      </RealtimeProvider>
    </QueryClientProvider>
  );
}

/** Strict Mode also unmounts while the user is signed in. */
function forgetAtSignOut(): void {
  if (auth.state.get().kind === "signed_out") clearPageState();
}

/** Loads the code of a page when the pointer or the focus reaches a link to it. */
function preloadLinkedPages(): () => void {
  const onHint = ({ target }: Event) => {
    const link = target instanceof Element ? target.closest<HTMLAnchorElement>("a[href]") : null;
    if (link?.origin === location.origin) preload(link.pathname);
  };
  document.addEventListener("pointerover", onHint, { passive: true });
  document.addEventListener("focusin", onHint);
  return () => {
    document.removeEventListener("pointerover", onHint);
    document.removeEventListener("focusin", onHint);
  };
}

function preload(path: string): void {
  const page = path === integrations ? firstIntegration : path;
  (pages[page] ?? managementPages[page])?.preload();
}

const routesOf = (parts: Record<string, LazyPart<object>>) =>
  Object.entries(parts).map(([path, Page]) => <Route key={path} path={path} element={<Page />} />);

function Pages() {
  return (
    <Routes>
      <Route element={<Shell />}>
        <Route path="/messages" element={<MessagesPage />} />
        <Route path="/messages/:chatId" element={<MessagesPage />} />
        {routesOf(pages)}
        <Route element={<ManagersOnly />}>
          {routesOf(managementPages)}
          <Route path={integrations} element={<Navigate to={firstIntegration} replace />} />
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
