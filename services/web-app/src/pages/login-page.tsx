import type { SecondFactorChallenge } from "@syszap/contracts";
import { pagePaths } from "@syszap/contracts/constants";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { AccessFrame } from "../components/login/access-frame.tsx";
import { LoginForm } from "../components/login/login-form.tsx";
import { SecondFactorStep, stepTextKey } from "../components/second-factor/second-factor-step.tsx";
import { auth } from "../page/api.ts";

export function LoginPage({ wasExpired }: { wasExpired: boolean }) {
  const { t } = useTranslation();
  const [challenge, setChallenge] = useState<SecondFactorChallenge>();
  if (challenge)
    return (
      <AccessFrame title={t("second-factor:loginTitle")} text={t(stepTextKey(challenge))}>
        <SecondFactorStep
          challenge={challenge}
          login={auth.secondFactor}
          requiredText={t("second-factor:requiredText")}
          onCancel={() => setChallenge(undefined)}
        />
      </AccessFrame>
    );
  return (
    <AccessFrame title={t("login:title")} text={t(wasExpired ? "login:expired" : "login:subtitle")}>
      <LoginForm logIn={async (email, password) => setChallenge(await auth.logIn(email, password))} />
      <p className="mt-5 text-center text-sm">
        <Link
          to={pagePaths.forgotPassword}
          data-testid="forgot-password"
          className="font-medium text-accent underline-offset-4 hover:underline"
        >
          {t("access:forgot.link")}
        </Link>
      </p>
    </AccessFrame>
  );
}
