import { useState } from "react";
import { useTranslation } from "react-i18next";
import { describeError } from "../../i18n/errors.ts";
import { Button } from "../ui/button.tsx";
import { useSubmit } from "../ui/use-submit.ts";
import { PasswordField } from "./password-field.tsx";

const fieldLook = "w-full rounded-lg border border-line bg-canvas px-3.5 py-3 outline-none focus:border-accent";

/** Asks for e-mail and password. Shows the error with which `logIn` rejects. */
export function LoginForm({ logIn }: { logIn: (email: string, password: string) => Promise<void> }) {
  const { t } = useTranslation();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const { onSubmit, error, isBusy } = useSubmit(() => logIn(email.trim(), password));
  return (
    <form onSubmit={onSubmit} className="grid gap-4">
      <label className="grid gap-1.5">
        <span className="font-medium text-sm">{t("login:email")}</span>
        <input
          data-testid="login-email"
          type="email"
          name="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          className={fieldLook}
        />
      </label>
      <PasswordField
        label={t("login:password")}
        testId="login-password"
        onText={setPassword}
        name="password"
        autoComplete="current-password"
        required
        value={password}
      />
      {error !== null && (
        <p
          role="alert"
          data-testid="login-error"
          className="rounded-lg bg-danger-soft px-3.5 py-2.5 text-danger text-sm"
        >
          {describeError(error, t)}
        </p>
      )}
      <Button
        type="submit"
        look="primary"
        data-testid="login-submit"
        disabled={isBusy}
        className="mt-2 min-h-12 text-base"
      >
        {t(isBusy ? "login:submitting" : "login:submit")}
      </Button>
    </form>
  );
}
