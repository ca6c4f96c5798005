import { pagePaths } from "@syszap/contracts/constants";
import { Link2Off } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ApiError } from "../../api/api-error.ts";
import { refusesField } from "../../i18n/password-errors.ts";

/** True if a link was used, replaced, altered, or has expired: trying again is useless. */
export const isDeadLink = (error: unknown): boolean =>
  error instanceof ApiError && [404, 410, 422].includes(error.status);

/** True if the server refused a field of the form, such as a password that is too common. */
export const isFieldError = (error: unknown): boolean =>
  error instanceof ApiError && error.status === 422 && !refusesField(error, "token");

/** Says what to do with a link that does not work. */
export function LinkProblem({ text }: { text: string }) {
  const { t } = useTranslation();
  return (
    <div role="alert" data-testid="link-problem" className="grid gap-4 rounded-xl bg-warn-soft p-4 text-warn">
      <p className="flex gap-3">
        <Link2Off aria-hidden="true" className="mt-0.5 size-5 shrink-0" />
        <span>{text}</span>
      </p>
      <p className="flex flex-wrap gap-x-5 gap-y-2 pl-8 font-medium text-sm">
        <Link to="/" className="underline underline-offset-4">
          {t("access:signIn")}
        </Link>
        <Link to={pagePaths.forgotPassword} className="underline underline-offset-4">
          {t("access:forgot.link")}
        </Link>
      </p>
    </div>
  );
}
