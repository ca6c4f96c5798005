import { pagePaths } from "@syszap/contracts/constants";
import { QueryClientProvider } from "@tanstack/react-query";
import { Suspense, useEffect } from "react";
import { BrowserRouter, Route, Routes } from "react-router";
import { Starting } from "./components/shell/starting.tsx";
import { Boundary } from "./components/ui/boundary.tsx";
import { lazyPart } from "./lib/lazy-part.ts";
import { useStore } from "./lib/store.ts";
import { auth } from "./page/api.ts";
import { queryClient } from "./page/query-client.ts";
import { useAccountLanguage } from "./page/use-account-language.ts";
import { LoginPage } from "./pages/login-page.tsx";

/** Everything behind the login. */
export const SignedIn = lazyPart(async () => (await import("./signed-in.tsx")).SignedIn);
const ForgotPasswordPage = lazyPart(
  async () => (await import("./pages/access/forgot-password-page.tsx")).ForgotPasswordPage,
);
const InvitationPage = lazyPart(async () => (await import("./pages/access/invitation-page.tsx")).InvitationPage);
const PasswordResetPage = lazyPart(
  async () => (await import("./pages/access/password-reset-page.tsx")).PasswordResetPage,
);

export function App() {
  const state = useStore(auth.state);
  useAccountLanguage(state.kind === "signed_in" ? state.me.language : undefined);
  return (
    <QueryClientProvider client={queryClient}>
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
    </QueryClientProvider>
  );
}

const restore = () => void auth.restore();

function Content() {
  const state = useStore(auth.state);
  if (state.kind === "signed_in") return <SignedIn me={state.me} />;
  if (state.kind === "signed_out") return <Login wasExpired={state.wasExpired} />;
  return <Starting isUnreachable={state.kind === "unreachable"} onRetry={restore} />;
}

function Login({ wasExpired }: { wasExpired: boolean }) {
  // While the person types the password.
  useEffect(() => SignedIn.preload(), []);
  return <LoginPage wasExpired={wasExpired} />;
}
