import type { Message } from "@syszap/contracts";
import { previewLength } from "@syszap/contracts/constants";
import { Pencil, Reply, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { ComposerMode } from "../../../live/composer-modes.ts";
import { IconButton } from "../../ui/button.tsx";
import { useQuote } from "./quote.tsx";

interface ModeBarProps {
  mode: ComposerMode;
  onCancel: () => void;
}

/** The message that is replied to or edited, above the field. */
export function ModeBar({ mode: { kind, message }, onCancel }: ModeBarProps) {
  const { t } = useTranslation();
  const { author, text } = useQuote(message);
  const replying = author.kind === "phone" ? "sending:replyingToPhone" : "sending:replyingTo";
  const Icon = kind === "edit" ? Pencil : Reply;
  return (
    <div data-testid="composer-purpose" className="mx-auto mb-2 flex max-w-4xl items-center gap-3">
      <Icon aria-hidden="true" className="size-5 shrink-0 text-accent" />
      <p role="status" className="min-w-0 flex-1 rounded-lg border-accent border-l-4 bg-sunken px-3 py-1.5 text-sm">
        <span className="block font-semibold text-accent text-xs">
          {kind === "edit" ? t("sending:editing") : t(replying, { name: author.name })}
        </span>
        <span dir="auto" className="block truncate text-muted">
          {text}
        </span>
      </p>
      <IconButton label={t(kind === "edit" ? "sending:cancelEdit" : "sending:cancelReply")} onClick={onCancel}>
        <X className="size-5" />
      </IconButton>
    </div>
  );
}

/** The quote of a message, as the server will return it in a reply. */
export const quotedOf = ({ id, direction, type, body, author, sender }: Message) => ({
  id,
  direction,
  type,
  body: body.slice(0, previewLength),
  ...(author && { author }),
  ...(sender && { sender }),
});
