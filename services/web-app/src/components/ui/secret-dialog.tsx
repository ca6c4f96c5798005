import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./button.tsx";
import { Modal } from "./modal.tsx";

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
  const [isCopied, setCopied] = useState(false);
  const shown = useRef<HTMLElement>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(secret);
      setCopied(true);
    } catch {
      // Without HTTPS there is no clipboard access. The selected text can be copied with the keyboard.
      if (shown.current) getSelection()?.selectAllChildren(shown.current);
    }
  };
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
