import { useTranslation } from "react-i18next";
import { Button } from "./button.tsx";
import { Modal } from "./modal.tsx";
import { useCopy } from "./use-copy.ts";

interface SecretDialogProps {
  title: string;
  text: string;
  secret: string;
  testId: string;
  onClose: () => void;
}

/** Shows a secret once, with a button to copy it. */
export function SecretDialog({ title, text, secret, testId, onClose }: SecretDialogProps) {
  const { t } = useTranslation();
  const { shown, isCopied, copy } = useCopy<HTMLElement>(secret);
  return (
    <Modal title={title} onClose={onClose} testId={testId} ignoresOutsideClick>
      <p role="note" className="rounded-lg bg-warn-soft px-3 py-2.5 text-sm text-warn">
        {text}
      </p>
      <code
        ref={shown}
        data-testid={`${testId}-value`}
        className="my-4 block break-all rounded-lg bg-canvas p-3 text-sm"
      >
        {secret}
      </code>
      <div className="flex flex-wrap justify-end gap-2">
        <Button data-testid={`${testId}-copy`} onClick={() => void copy()}>
          {t(isCopied ? "common:secret.copied" : "common:secret.copy")}
        </Button>
        <Button look="primary" data-testid={`${testId}-kept`} onClick={onClose}>
          {t("common:secret.done")}
        </Button>
      </div>
    </Modal>
  );
}
