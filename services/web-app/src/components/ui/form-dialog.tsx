import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./button.tsx";
import { Modal } from "./modal.tsx";
import { ErrorText } from "./states.tsx";

interface FormDialogProps {
  title: string;
  testId: string;
  submit: { label: string; testId: string; isDisabled: boolean; isDanger?: boolean };
  /** The error of the last attempt, or its translated message. */
  error: unknown;
  onSubmit: () => void;
  onClose: () => void;
  /** The fields. */
  children: ReactNode;
}

/** A dialog with a form. It ends with the error, the cancel button and the submit button. */
export function FormDialog({ title, testId, submit, error, onSubmit, onClose, children }: FormDialogProps) {
  const { t } = useTranslation();
  return (
    <Modal title={title} onClose={onClose} testId={testId}>
      <form
        className="grid gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        {children}
        <ErrorText error={error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t("common:cancel")}</Button>
          <Button
            type="submit"
            look={submit.isDanger ? "danger" : "primary"}
            data-testid={submit.testId}
            disabled={submit.isDisabled}
          >
            {submit.label}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
