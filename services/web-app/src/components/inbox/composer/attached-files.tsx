import { maxFileBytes } from "@syszap/contracts/constants";
import { X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../../i18n/format.ts";
import type { AttachedFile } from "../../../live/drafts.ts";
import { IconButton } from "../../ui/button.tsx";
import { FilePreview } from "../sending/file-preview.tsx";
import { type FileProblem, maxFiles } from "../sending/messages-of.ts";

interface AttachedFilesProps {
  files: readonly AttachedFile[];
  /** Why a file cannot be sent, in the order of `files`. */
  problems: readonly (FileProblem | undefined)[];
  onRemove: (fileId: string) => void;
}

/** The files that will be sent, above the field. Files with a problem stand first and must be removed. */
export function AttachedFiles({ files, problems, onRemove }: AttachedFilesProps) {
  const { t } = useTranslation();
  const { size } = useFormats();
  const values = { limit: size(maxFileBytes), count: maxFiles };
  return (
    <ul
      aria-label={t("sending:files", { count: files.length })}
      className="mx-auto mb-2 grid max-h-44 max-w-4xl gap-1.5 overflow-y-auto sm:grid-cols-2"
    >
      {files.map(({ id, file }, index) => {
        const problem = problems[index];
        return (
          <li key={id} data-testid="composer-file" className={`min-w-0 ${problem ? "order-first" : ""}`}>
            <div className="flex items-center gap-1">
              <FilePreview file={file} />
              <IconButton label={t("sending:removeFile", { name: file.name })} onClick={() => onRemove(id)}>
                <X className="size-5" />
              </IconButton>
            </div>
            {problem && (
              <p role="alert" className="px-1 pt-1 text-danger text-sm">
                {t(`sending:fileProblem.${problem}`, values)}
              </p>
            )}
          </li>
        );
      })}
    </ul>
  );
}
