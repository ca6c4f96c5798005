import type { SecondFactorChallenge } from "@syszap/contracts";
import { minOperatorPasswordLength, problemTypes } from "@syszap/contracts/constants";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../api/api-error.ts";
import { LoginForm } from "../components/login/login-form.tsx";
import { SecondFactorStep, stepTextKey } from "../components/second-factor/second-factor-step.tsx";
import { LanguageSwitch } from "../components/shell/language-switch.tsx";
import { Logo } from "../components/shell/logo.tsx";
import { Button } from "../components/ui/button.tsx";
import { ErrorText } from "../components/ui/states.tsx";
import { TextField } from "../components/ui/text-field.tsx";
import { useSubmit } from "../components/ui/use-submit.ts";
import { auth } from "./operator-api.ts";

interface OneTimeLogin {
  email: string;
  password: string;
}

/** Asks for e-mail and password, after a one-time password for an own one, and for the second factor. */
export function OperatorLogin({ wasExpired }: { wasExpired: boolean }) {
  const { t } = useTranslation();
  const [oneTime, setOneTime] = useState<OneTimeLogin>();
  const [challenge, setChallenge] = useState<SecondFactorChallenge>();
  const logIn = async (email: string, password: string) => {
    try {
      setChallenge(await auth.logIn(email, password));
    } catch (error) {
      const mustChange = error instanceof ApiError && error.problem.type === problemTypes.password_change_required.type;
      if (!mustChange) throw error;
      setOneTime({ email, password });
    }
  };
  const startAgain = () => {
    setChallenge(undefined);
    setOneTime(undefined);
  };
  if (challenge)
    return (
      <Frame title={t("second-factor:loginTitle")} text={t(stepTextKey(challenge))}>
        <SecondFactorStep
          challenge={challenge}
          login={auth.secondFactor}
          requiredText={t("operator:account.requiredText")}
          onCancel={startAgain}
        />
      </Frame>
    );
  if (oneTime)
    return (
      <Frame title={t("operator:newPassword.title")} text={t("operator:newPassword.text")}>
        <NewPassword {...oneTime} onChallenge={setChallenge} />
      </Frame>
    );
  return (
    <Frame title={t("operator:login")} text={t(wasExpired ? "login:expired" : "operator:loginText")}>
      <LoginForm logIn={logIn} />
    </Frame>
  );
}

function Frame({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <main className="grid min-h-dvh bg-surface p-5">
      <div className="ml-auto">
        <LanguageSwitch />
      </div>
      <div className="m-auto w-full max-w-sm py-8">
        <Logo className="mb-6 size-12" />
        <h1 className="font-bold text-3xl tracking-tight">{title}</h1>
        <p className="mt-1 mb-7 text-muted">{text}</p>
        {children}
      </div>
    </main>
  );
}

interface NewPasswordProps extends OneTimeLogin {
  onChallenge: (challenge: SecondFactorChallenge | undefined) => void;
}

function NewPassword({ email, password, onChallenge }: NewPasswordProps) {
  const { t } = useTranslation();
  const [newPassword, setNewPassword] = useState("");
  const { onSubmit, error, isBusy } = useSubmit(async () =>
    onChallenge(await auth.logIn(email, password, newPassword)),
  );
  return (
    <form onSubmit={onSubmit} className="grid gap-4">
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
