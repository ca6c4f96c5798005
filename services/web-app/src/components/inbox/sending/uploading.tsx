import { X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Outgoing } from "../../../live/outgoing.ts";
import { outgoing } from "../../../page/state.ts";
import { IconButton } from "../../ui/button.tsx";
import { FilePreview } from "./file-preview.tsx";

/** The file of a message that is being sent: its progress, with a button to cancel until it is uploaded. */
export function Uploading({ message, file }: { message: Outgoing; file: File }) {
  const { t } = useTranslation();
  const { key, progress, failure } = message;
  const percent = Math.round(progress * 100);
  const isUploading = !message.media && !failure;
  return (
    <div className="w-64 max-w-full">
      <div className="flex items-center gap-1">
        <FilePreview file={file} />
        {isUploading && (
          <IconButton
            label={t("sending:cancelFile", { name: file.name })}
            data-testid="upload-cancel"
            onClick={() => outgoing.discard(key)}
          >
            <X className="size-5" />
          </IconButton>
        )}
      </div>
      {!failure && (
        <progress
          data-testid="upload-progress"
          aria-label={t("sending:uploading", { name: file.name, percent })}
          max={1}
          value={progress}
          className="mt-1.5 h-1.5 w-full accent-accent"
        />
      )}
    </div>
  );
}
