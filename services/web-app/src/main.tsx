import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { startTranslations } from "./i18n/index.ts";
import { auth } from "./page/api.ts";
import "sonner/dist/styles.css";
import "./styles.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element #root");

/** A separate bundle: only operators load it. */
const OperatorApp = lazy(async () => ({ default: (await import("./operator/operator-app.tsx")).OperatorApp }));
const isForOperators = /^\/operator(\/|$)/.test(window.location.pathname);

if (!isForOperators) void auth.restore();
await startTranslations();
createRoot(root).render(
  <StrictMode>
    {isForOperators ? (
      <Suspense>
        <OperatorApp />
      </Suspense>
    ) : (
      <App />
    )}
  </StrictMode>,
);
