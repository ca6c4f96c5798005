import { useMutation } from "@tanstack/react-query";
import { MailCheck, MailX } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { callPublic } from "../../api/public-call.ts";
import { AccessFrame } from "../../components/login/access-frame.tsx";
import { ErrorText } from "../../components/ui/states.tsx";
import { TextField } from "../../components/ui/text-field.tsx";
import { SubmitButton } from "./submit-button.tsx";

/** Requests an e-mail with a link to set a new password. The answer is the same for known and unknown addresses. */
export function ForgotPasswordPage() {
  const { t } = useTranslation();
  const [email, setEmail] = useState("");
  const request = useMutation({
    mutationFn: () => callPublic("requestPasswordReset", { body: { email: email.trim() } }),
  });
  return (
    <AccessFrame title={t("access:forgot.title")} text={t("access:forgot.text")}>
      {request.data ? (
        <Requested email={email.trim()} isMailed={request.data.mail === "on"} />
      ) : (
        <form
          className="grid gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            request.mutate();
          }}
        >
          <TextField
            label={t("login:email")}
            testId="forgot-email"
            onText={setEmail}
            type="email"
            name="email"
            autoComplete="username"
            required
            value={email}
          />
          <ErrorText error={request.error} />
          <SubmitButton testId="forgot-submit" isBusy={request.isPending}>
            {t("access:forgot.submit")}
          </SubmitButton>
        </form>
      )}
      <p className="mt-6 text-sm">
        <Link to="/" className="font-medium text-accent underline-offset-4 hover:underline">
          {t("access:backToSignIn")}
        </Link>
      </p>
    </AccessFrame>
  );
}

function Requested({ email, isMailed }: { email: string; isMailed: boolean }) {
  const { t } = useTranslation();
  if (!isMailed) return <Notice icon={<MailX />}>{t("access:forgot.noMail")}</Notice>;
  return <Notice icon={<MailCheck />}>{t("access:forgot.sent", { email })}</Notice>;
}

function Notice({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <p
      role="status"
      data-testid="forgot-done"
      className="flex gap-3 rounded-xl bg-accent-soft p-4 [overflow-wrap:anywhere] [&>svg]:size-5 [&>svg]:shrink-0 [&>svg]:text-accent"
    >
      {icon}
      <span>{children}</span>
    </p>
  );
}
