import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { describePasswordError } from "../../i18n/password-errors.ts";
import { api } from "../../page/api.ts";
import { useMe } from "../../page/me.ts";
import { NewPasswordField } from "../login/new-password-field.tsx";
import { PasswordField } from "../login/password-field.tsx";
import { Button } from "../ui/button.tsx";
import { SectionCard } from "../ui/section-card.tsx";
import { ErrorText } from "../ui/states.tsx";

/** Changes the password of the signed-in user. All other logins end. */
export function PasswordSection() {
  const { t } = useTranslation();
  const me = useMe();
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const save = useMutation({
    mutationFn: () => api.call("changePassword", { body: { current, password } }),
    onSuccess: () => {
      setCurrent("");
      setPassword("");
      toast.success(t("account:passwordChanged"));
    },
  });
  return (
    <SectionCard title={t("account:password")} text={t("account:passwordText")}>
      <form
        className="grid max-w-md gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        {/* Password managers store the password for this address. */}
        <input type="email" name="email" autoComplete="username" value={me.email} readOnly hidden />
        <PasswordField
          label={t("account:currentPassword")}
          testId="password-current"
          onText={setCurrent}
          name="current-password"
          autoComplete="current-password"
          required
          value={current}
        />
        <NewPasswordField testId="password-new" name="new-password" value={password} onText={setPassword} />
        <ErrorText error={save.error && describePasswordError(save.error, t)} />
        <Button
          type="submit"
          look="primary"
          data-testid="password-save"
          disabled={save.isPending}
          className="justify-self-start"
        >
          {t("account:changePassword")}
        </Button>
      </form>
    </SectionCard>
  );
}
