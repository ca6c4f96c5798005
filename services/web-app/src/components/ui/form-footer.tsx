import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./button.tsx";

interface FormEndProps {
  /** What went wrong, in words for people. */
  error: string | null | undefined;
  onCancel: () => void;
  /** Its button. */
  children: ReactNode;
}

/** How a form in a dialog ends: what went wrong, the way out, and the button that sends it. */
export function FormEnd({ error, onCancel, children }: FormEndProps) {
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
