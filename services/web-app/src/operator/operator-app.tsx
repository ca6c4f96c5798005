import { QueryClientProvider } from "@tanstack/react-query";
import { LayoutDashboard, LogOut } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiClient } from "../api/api-client.ts";
import { allDeadLetters } from "../components/dead-letters/dead-letter-source.ts";
import { DeadLetters } from "../components/dead-letters/dead-letters.tsx";
import { LoginForm } from "../components/login/login-form.tsx";
import { LanguageSwitch } from "../components/shell/language-switch.tsx";
import { Logo } from "../components/shell/logo.tsx";
import { PageFrame } from "../components/shell/page-frame.tsx";
import { Button } from "../components/ui/button.tsx";
import { ErrorText } from "../components/ui/states.tsx";
import { useStore } from "../lib/store.ts";
import { createQueryClient } from "../live/query-client.ts";
import { OperatorAuth } from "./operator-auth.ts";

const auth = new OperatorAuth();
const api = new ApiClient(auth);
const deadLetters = allDeadLetters(api);
const queryClient = createQueryClient();

/** The page of the platform's operators. It shares no state with a company's login. */
export function OperatorApp() {
  const { name } = useStore(auth.state);
  return (
    <QueryClientProvider client={queryClient}>
      {name === undefined ? <OperatorLogin /> : <Operations name={name} />}
    </QueryClientProvider>
  );
}

function OperatorLogin() {
  const { t } = useTranslation();
  const { wasExpired } = useStore(auth.state);
  return (
    <main className="grid min-h-dvh bg-surface p-5">
      <div className="ml-auto">
        <LanguageSwitch />
      </div>
      <div className="m-auto w-full max-w-sm py-8">
        <Logo className="mb-6 size-12" />
        <h1 className="font-bold text-3xl tracking-tight">{t("operator:login")}</h1>
        <p className="mt-1 mb-7 text-muted">{t(wasExpired ? "login:expired" : "operator:loginText")}</p>
        <LoginForm logIn={(email, password) => auth.logIn(email, password)} />
      </div>
    </main>
  );
}

function Operations({ name }: { name: string }) {
  const { t } = useTranslation();
  const [error, setError] = useState<unknown>();
  const openDashboard = async () => {
    try {
      const { path } = await api.call("openQueueDashboard");
      window.open(path, "_blank", "noopener");
    } catch (failure) {
      setError(failure);
    }
  };
  const logOut = () => {
    queryClient.clear();
    auth.logOut();
  };
  return (
    <div className="flex h-dvh flex-col">
      <header className="flex flex-wrap items-center justify-between gap-3 border-line border-b bg-surface px-4 py-2 sm:px-8">
        <span className="flex items-center gap-2.5 font-semibold">
          <Logo className="size-8" /> {name}
        </span>
        <div className="flex flex-wrap items-center gap-2">
          <LanguageSwitch />
          <Button data-testid="operator-logout" onClick={logOut}>
            <LogOut className="size-4" /> {t("operator:logout")}
          </Button>
        </div>
      </header>
      <PageFrame
        title={t("operator:title")}
        subtitle={t("operator:subtitle")}
        actions={
          <Button look="primary" data-testid="open-queues" onClick={() => void openDashboard()}>
            <LayoutDashboard className="size-4" /> {t("operator:queues")}
          </Button>
        }
      >
        <ErrorText error={error} className="mb-4" />
        <h2 className="mb-3 font-semibold text-lg">{t("operator:letters")}</h2>
        <DeadLetters source={deadLetters} showsCompany />
      </PageFrame>
    </div>
  );
}
