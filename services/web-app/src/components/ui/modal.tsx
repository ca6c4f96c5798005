import { X } from "lucide-react";
import { type ReactNode, useId, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Boundary } from "./boundary.tsx";
import { IconButton } from "./button.tsx";
import { useModal } from "./use-modal.ts";

interface ModalProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  testId?: string;
  className?: string;
  /** A click outside does not close the dialog. For content that is shown only once. */
  ignoresOutsideClick?: boolean;
}

/** A native dialog: it traps the focus, closes on Escape and then restores the focus. */
export function Modal({
  title,
  onClose,
  children,
  testId,
  className = "max-w-md",
  ignoresOutsideClick = false,
}: ModalProps) {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useModal(dialog);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the click outside is an extra; Escape serves the keyboard
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      data-testid={testId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget && !ignoresOutsideClick) onClose();
      }}
      className={`m-auto w-[calc(100vw-1.5rem)] animate-rise rounded-2xl bg-raised p-0 shadow-float ${className}`}
    >
      <div className="p-5 sm:p-6">
        <header className="mb-4 flex items-center justify-between gap-3">
          <h2 id={titleId} className="font-semibold text-lg">
            {title}
          </h2>
          <IconButton label={t("common:close")} onClick={onClose} className="-my-2 -mr-2">
            <X className="size-5" />
          </IconButton>
        </header>
        <Boundary>{children}</Boundary>
      </div>
    </dialog>
  );
}
