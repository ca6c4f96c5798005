import { maxPasswordLength, minPasswordLength } from "@syszap/contracts/constants";
import { useTranslation } from "react-i18next";
import { PasswordField } from "./password-field.tsx";

interface NewPasswordFieldProps {
  testId: string;
  name: string;
  value: string;
  onText: (text: string) => void;
}

/** A field for a password that the person chooses. */
export function NewPasswordField(props: NewPasswordFieldProps) {
  const { t } = useTranslation();
  return (
    <PasswordField
      label={t("access:newPassword")}
      autoComplete="new-password"
      required
      minLength={minPasswordLength}
      maxLength={maxPasswordLength}
      hint={t("access:passwordHint", { count: minPasswordLength })}
      {...props}
    />
  );
}
