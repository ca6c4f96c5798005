import { StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { App, SignedIn } from "./app.tsx";
import { Boundary } from "./components/ui/boundary.tsx";
import { loadInboxTexts, startTranslations } from "./i18n/index.ts";
import { lazyPart } from "./lib/lazy-part.ts";
import { auth } from "./page/api.ts";
import { installServiceWorker } from "./page/release.ts";
import "sonner/dist/styles.css";
import "./styles.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element #root");

/** A separate bundle: only operators load it. */
const OperatorApp = lazyPart(async () => {
  const [part] = await Promise.all([import("./operator/operator-app.tsx"), loadInboxTexts()]);
  return part.OperatorApp;
});
const isForOperators = /^\/operator(\/|$)/.test(window.location.pathname);

if (!isForOperators) {
  void auth.restore();
  // At the same time as the request that renews the login.
  if (auth.state.get().kind !== "signed_out") SignedIn.preload();
}
await startTranslations();
createRoot(root).render(
  <StrictMode>
    {isForOperators ? (
      <Boundary className="h-dvh">
        <Suspense>
          <OperatorApp />
        </Suspense>
      </Boundary>
    ) : (
      <App />
    )}
  </StrictMode>,
);
// Installing it loads the whole shell, so what the page shows first comes first. The development server has none.
addEventListener("load", () => void installServiceWorker().catch(() => undefined));
