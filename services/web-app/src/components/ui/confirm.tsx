import { useTranslation } from "react-i18next";
import { Button } from "./button.tsx";
import { Modal } from "./modal.tsx";

interface ConfirmProps {
  title: string;
  text: string;
  action: string;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks for confirmation of an action that can't be undone. */
export function Confirm({ title, text, action, onConfirm, onClose }: ConfirmProps) {
  const { t } = useTranslation();
  return (
    <Modal title={title} onClose={onClose} testId="confirm">
      <p className="text-muted">{text}</p>
      <div className="mt-6 flex justify-end gap-2">
        <Button onClick={onClose}>{t("common:cancel")}</Button>
        <Button
          look="danger"
          data-testid="confirm-action"
          onClick={() => {
            onConfirm();
            onClose();
          }}
        >
          {action}
        </Button>
      </div>
    </Modal>
  );
}
