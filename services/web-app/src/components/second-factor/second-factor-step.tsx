import type { SecondFactorChallenge, SecondFactorSetup } from "@syszap/contracts";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/button.tsx";
import { ErrorText } from "../ui/states.tsx";
import { useSubmit } from "../ui/use-submit.ts";
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
  /** Shown before the setup: who requires a second factor. */
  requiredText: string;
  /** Back to e-mail and password. */
  onCancel: () => void;
  /** Called when a setup has completed the sign-in; not called after a code. */
  onSignedIn?: () => void;
}

/** The subtitle of the page with the step. */
export const stepTextKey = ({ secondFactor }: SecondFactorChallenge) =>
  secondFactor === "setup_required" ? "second-factor:setupText" : "second-factor:loginText";

/** The step of a sign-in after the password: a code, or the setup of a required second factor. */
export function SecondFactorStep({ challenge: { secondFactor, challenge }, ...props }: SecondFactorStepProps) {
  const { login, requiredText, onCancel, onSignedIn } = props;
  const { t } = useTranslation();
  const [kind, setKind] = useState<"app" | "recovery">("app");
  const back = (
    <Button look="plain" data-testid="second-factor-back" onClick={onCancel}>
      {t("second-factor:back")}
    </Button>
  );
  if (secondFactor === "setup_required")
    return <RequiredSetup {...{ challenge, login, back, onSignedIn }} text={requiredText} />;
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
  text: string;
  back: ReactNode;
  onSignedIn: (() => void) | undefined;
}

function RequiredSetup({ challenge, login, text, back, onSignedIn }: RequiredSetupProps) {
  const { t } = useTranslation();
  const [setup, setSetup] = useState<SecondFactorSetup>();
  const [activated, setActivated] = useState<ActivatedLogin>();
  const { onSubmit, error, isBusy } = useSubmit(async () => setSetup(await login.start(challenge)));
  const finish = () => {
    activated?.finish();
    onSignedIn?.();
  };
  if (activated) return <RecoveryCodes codes={activated.recoveryCodes} onDone={finish} />;
  if (setup)
    return (
      <SetupForm setup={setup} onCode={async (code) => setActivated(await login.activate(challenge, code))}>
        {back}
      </SetupForm>
    );
  return (
    <form onSubmit={onSubmit} className="grid gap-4">
      <p>{text}</p>
      <ErrorText error={error} />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" data-testid="second-factor-start" disabled={isBusy}>
          {t("second-factor:setUp")}
        </Button>
        {back}
      </div>
    </form>
  );
}
