import type { SecondFactorChallenge, SecondFactorSetup } from "@syszap/contracts";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/button.tsx";
import { ErrorText } from "../ui/states.tsx";
import { CodeForm } from "./code-form.tsx";
import { RecoveryCodes } from "./recovery-codes.tsx";
import { SetupForm } from "./setup-form.tsx";

interface ActivatedLogin {
  recoveryCodes: string[];
  /** Completes the sign-in. */
  finish: () => void;
}
/** The requests of this step. The challenge replaces an access token. */
export interface SecondFactorLogin {
  complete: (challenge: string, code: string) => Promise<void>;
  start: (challenge: string) => Promise<SecondFactorSetup>;
  activate: (challenge: string, code: string) => Promise<ActivatedLogin>;
}
interface SecondFactorStepProps {
  challenge: SecondFactorChallenge;
  login: SecondFactorLogin;
  /** Back to e-mail and password. */
  onCancel: () => void;
}

/** The step of a sign-in after the password: a code, or the setup that the company requires. */
export function SecondFactorStep({ challenge: { secondFactor, challenge }, login, onCancel }: SecondFactorStepProps) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<"app" | "recovery">("app");
  const back = (
    <Button look="plain" data-testid="second-factor-back" onClick={onCancel}>
      {t("second-factor:back")}
    </Button>
  );
  if (secondFactor === "setup_required") return <RequiredSetup challenge={challenge} login={login} back={back} />;
  return (
    <CodeForm key={kind} kind={kind} submit={t("login:submit")} onCode={(code) => login.complete(challenge, code)}>
      <Button
        look="plain"
        data-testid="second-factor-other"
        onClick={() => setKind(kind === "app" ? "recovery" : "app")}
      >
        {t(kind === "app" ? "second-factor:useRecoveryCode" : "second-factor:useApp")}
      </Button>
      {back}
    </CodeForm>
  );
}

interface RequiredSetupProps {
  challenge: string;
  login: SecondFactorLogin;
  back: ReactNode;
}

function RequiredSetup({ challenge, login, back }: RequiredSetupProps) {
  const { t } = useTranslation();
  const [setup, setSetup] = useState<SecondFactorSetup>();
  const [activated, setActivated] = useState<ActivatedLogin>();
  const [error, setError] = useState<unknown>();
  const start = () => {
    setError(undefined);
    login.start(challenge).then(setSetup, setError);
  };
  if (activated) return <RecoveryCodes codes={activated.recoveryCodes} onDone={activated.finish} />;
  if (setup)
    return (
      <SetupForm setup={setup} onCode={async (code) => setActivated(await login.activate(challenge, code))}>
        {back}
      </SetupForm>
    );
  return (
    <div className="grid gap-4">
      <p>{t("second-factor:requiredText")}</p>
      <ErrorText error={error} />
      <div className="flex flex-wrap gap-2">
        <Button look="primary" data-testid="second-factor-start" onClick={start}>
          {t("second-factor:setUp")}
        </Button>
        {back}
      </div>
    </div>
  );
}
