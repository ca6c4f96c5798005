import { pagePaths } from "@syszap/contracts/constants";
import { Suspense, useEffect } from "react";
import { BrowserRouter, Route, Routes } from "react-router";
import { Starting } from "./components/shell/starting.tsx";
import { Boundary } from "./components/ui/boundary.tsx";
import { loadInboxTexts } from "./i18n/index.ts";
import { lazyPart } from "./lib/lazy-part.ts";
import { useStore } from "./lib/store.ts";
import { auth } from "./page/api.ts";
import { useAccountLanguage } from "./page/use-account-language.ts";
import type { AccessPageName } from "./pages/access/access-page.tsx";
import { LoginPage } from "./pages/login-page.tsx";

/** Everything behind the login. */
export const SignedIn = lazyPart(async () => {
  const [part] = await Promise.all([import("./signed-in.tsx"), loadInboxTexts()]);
  return part.SignedIn;
});
const AccessPage = lazyPart(async () => (await import("./pages/access/access-page.tsx")).AccessPage);
const accessPages: AccessPageName[] = ["invitation", "forgotPassword", "passwordReset"];

export function App() {
  const state = useStore(auth.state);
  useAccountLanguage(state.kind === "signed_in" ? state.me.language : undefined);
  return (
    <BrowserRouter>
      <Boundary className="h-dvh">
        <Suspense fallback={<Starting onRetry={restore} />}>
          <Routes>
            {accessPages.map((name) => (
              <Route key={name} path={pagePaths[name]} element={<AccessPage name={name} />} />
            ))}
            <Route path="*" element={<Content />} />
          </Routes>
        </Suspense>
      </Boundary>
    </BrowserRouter>
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
