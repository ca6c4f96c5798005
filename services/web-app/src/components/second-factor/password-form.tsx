import { useState } from "react";
import { useTranslation } from "react-i18next";
import { PasswordField } from "../login/password-field.tsx";
import { Button } from "../ui/button.tsx";
import { ErrorText } from "../ui/states.tsx";
import { useSubmit } from "../ui/use-submit.ts";

/** Asks for the password first, so that an open page alone cannot change how its owner signs in. */
export function PasswordForm({ onPassword }: { onPassword: (password: string) => Promise<void> }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const { onSubmit, error, isBusy } = useSubmit(() => onPassword(password));
  return (
    <form onSubmit={onSubmit} className="grid gap-4">
      <PasswordField
        label={t("login:password")}
        testId="second-factor-password"
        onText={setPassword}
        name="password"
        autoComplete="current-password"
        required
        value={password}
      />
      <ErrorText error={error} />
      <Button
        type="submit"
        look="primary"
        data-testid="second-factor-continue"
        disabled={isBusy || password === ""}
        className="justify-self-start"
      >
        {t("second-factor:continue")}
      </Button>
    </form>
  );
}
