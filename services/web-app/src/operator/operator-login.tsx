import { minOperatorPasswordLength, problemTypes } from "@syszap/contracts/constants";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../api/api-error.ts";
import { LoginForm } from "../components/login/login-form.tsx";
import { LanguageSwitch } from "../components/shell/language-switch.tsx";
import { Logo } from "../components/shell/logo.tsx";
import { Button } from "../components/ui/button.tsx";
import { ErrorText } from "../components/ui/states.tsx";
import { TextField } from "../components/ui/text-field.tsx";
import { auth } from "./operator-api.ts";

interface OneTimeLogin {
  email: string;
  password: string;
}

/** Asks for e-mail and password, and after a one-time password for an own one. */
export function OperatorLogin({ wasExpired }: { wasExpired: boolean }) {
  const { t } = useTranslation();
  const [oneTime, setOneTime] = useState<OneTimeLogin>();
  const logIn = async (email: string, password: string) => {
    try {
      await auth.logIn(email, password);
    } catch (error) {
      const mustChange = error instanceof ApiError && error.problem.type === problemTypes.password_change_required.type;
      if (!mustChange) throw error;
      setOneTime({ email, password });
    }
  };
  return (
    <main className="grid min-h-dvh bg-surface p-5">
      <div className="ml-auto">
        <LanguageSwitch />
      </div>
      <div className="m-auto w-full max-w-sm py-8">
        <Logo className="mb-6 size-12" />
        <h1 className="font-bold text-3xl tracking-tight">
          {t(oneTime ? "operator:newPassword.title" : "operator:login")}
        </h1>
        <p className="mt-1 mb-7 text-muted">
          {oneTime ? t("operator:newPassword.text") : t(wasExpired ? "login:expired" : "operator:loginText")}
        </p>
        {oneTime ? <NewPassword {...oneTime} /> : <LoginForm logIn={logIn} />}
      </div>
    </main>
  );
}

function NewPassword({ email, password }: OneTimeLogin) {
  const { t } = useTranslation();
  const [newPassword, setNewPassword] = useState("");
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await auth.logIn(email, password, newPassword);
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="grid gap-4">
      <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
      <TextField
        label={t("operator:newPassword.label")}
        hint={t("operator:newPassword.hint", { count: minOperatorPasswordLength })}
        testId="operator-new-password"
        type="password"
        autoComplete="new-password"
        required
        minLength={minOperatorPasswordLength}
        value={newPassword}
        onText={setNewPassword}
      />
      <ErrorText error={error} />
      <Button
        type="submit"
        look="primary"
        data-testid="operator-new-password-save"
        disabled={isBusy}
        className="min-h-12"
      >
        {t("operator:newPassword.save")}
      </Button>
    </form>
  );
}
