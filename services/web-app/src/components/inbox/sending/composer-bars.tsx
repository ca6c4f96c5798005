import type { Message } from "@syszap/contracts";
import { previewLength } from "@syszap/contracts/constants";
import { FileText, Pencil, Reply, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../../i18n/format.ts";
import type { ComposerMode } from "../../../live/composer-modes.ts";
import { useObjectUrl } from "../../ui/authorised-image.tsx";
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

/** The attached file, above the field. */
export function FileBar({ file, onRemove }: { file: File; onRemove: () => void }) {
  const { t } = useTranslation();
  return (
    <div data-testid="composer-file" className="mx-auto mb-2 flex max-w-4xl items-center gap-3">
      <FilePreview file={file} />
      <IconButton label={t("sending:removeFile")} onClick={onRemove}>
        <X className="size-5" />
      </IconButton>
    </div>
  );
}

/** A file's name and size, with a preview of images. */
export function FilePreview({ file }: { file: File }) {
  const { size } = useFormats();
  const isImage = /^image\/(png|jpeg|webp|gif)$/.test(file.type);
  const url = useObjectUrl(isImage ? file : undefined);
  return (
    <span className="flex min-w-0 flex-1 items-center gap-3 rounded-lg bg-sunken p-2">
      {url ? (
        <img src={url} alt="" className="size-12 shrink-0 rounded-md object-cover" />
      ) : (
        <FileText aria-hidden="true" className="size-8 shrink-0 text-accent" />
      )}
      <span className="min-w-0">
        <span className="block truncate font-medium text-sm">{file.name}</span>
        <span className="block text-muted text-xs">{size(file.size)}</span>
      </span>
    </span>
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
