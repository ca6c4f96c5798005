import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./button.tsx";

interface FormFooterProps {
  /** The translated error message. */
  error: string | null | undefined;
  onCancel: () => void;
  /** The submit button. */
  children: ReactNode;
}

/** The end of a form in a dialog: the error, the cancel button and the submit button. */
export function FormFooter({ error, onCancel, children }: FormFooterProps) {
  const { t } = useTranslation();
  return (
    <>
      {error && (
        <p role="alert" className="text-danger text-sm">
          {error}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>{t("common:cancel")}</Button>
        {children}
      </div>
    </>
  );
}
