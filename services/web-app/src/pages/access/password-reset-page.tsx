import { useMutation } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { callPublic } from "../../api/public-call.ts";
import { AccessFrame } from "../../components/login/access-frame.tsx";
import { NewPasswordField } from "../../components/login/new-password-field.tsx";
import { ErrorText } from "../../components/ui/states.tsx";
import { describePasswordError } from "../../i18n/password-errors.ts";
import { isDeadLink, isFieldError, LinkProblem } from "./link-problem.tsx";
import { SubmitButton } from "./submit-button.tsx";
import { useLinkToken } from "./use-link-token.ts";

/** Opened by the link of a password reset: the person sets a new password. */
export function PasswordResetPage() {
  const { t } = useTranslation();
  const token = useLinkToken();
  return (
    <AccessFrame title={t("access:reset.title")} text={t("access:reset.text")}>
      {token === "" ? <LinkProblem text={t("access:incomplete")} /> : <ResetForm key={token} token={token} />}
    </AccessFrame>
  );
}

function ResetForm({ token }: { token: string }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const confirm = useMutation({
    mutationFn: () => callPublic("confirmPasswordReset", { body: { token, password } }),
  });
  if (confirm.isSuccess) return <Done />;
  if (isDeadLink(confirm.error) && !isFieldError(confirm.error)) return <LinkProblem text={t("access:reset.dead")} />;
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        confirm.mutate();
      }}
    >
      <NewPasswordField testId="reset-password" name="password" value={password} onText={setPassword} />
      <ErrorText error={confirm.error && describePasswordError(confirm.error, t)} />
      <SubmitButton testId="reset-submit" isBusy={confirm.isPending}>
        {t("access:reset.submit")}
      </SubmitButton>
    </form>
  );
}

function Done() {
  const { t } = useTranslation();
  return (
    <div role="status" data-testid="reset-done" className="grid gap-4">
      <p className="flex gap-3 rounded-xl bg-accent-soft p-4">
        <CircleCheck aria-hidden="true" className="size-5 shrink-0 text-accent" />
        <span>{t("access:reset.done")}</span>
      </p>
      <Link
        to="/"
        className="grid min-h-12 place-items-center rounded-lg bg-accent font-medium text-on-accent hover:bg-accent-strong"
      >
        {t("access:signIn")}
      </Link>
    </div>
  );
}
