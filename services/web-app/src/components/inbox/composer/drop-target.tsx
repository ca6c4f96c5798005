import { Paperclip } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { drafts } from "../../../page/state.ts";
import { useFileDrop } from "./use-file-drop.ts";

interface DropTargetProps {
  chatId: string;
  label: string;
  mayAttach: boolean;
  children: ReactNode;
}

/** The frame of a conversation. Files that are dropped or pasted anywhere in it are attached to its draft. */
export function DropTarget({ chatId, label, mayAttach, children }: DropTargetProps) {
  const { t } = useTranslation();
  const { isOver, handlers } = useFileDrop(mayAttach ? (files) => drafts.attach(chatId, files) : undefined);
  return (
    <section
      aria-label={label}
      data-testid="conversation"
      className="relative flex min-h-0 min-w-0 flex-1 flex-col short:overflow-y-auto"
      {...handlers}
    >
      {children}
      {isOver && (
        <div
          data-testid="drop-hint"
          className="pointer-events-none absolute inset-2 z-30 grid place-content-center justify-items-center gap-3 rounded-2xl border-2 border-accent border-dashed bg-surface/90 text-center font-semibold text-accent"
        >
          <Paperclip aria-hidden="true" className="size-8" />
          {t("sending:dropFiles")}
        </div>
      )}
    </section>
  );
}
