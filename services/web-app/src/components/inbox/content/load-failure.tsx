import { ImageOff } from "lucide-react";
import { useTranslation } from "react-i18next";

/** Shown instead of a file whose download failed. */
export function LoadFailure({ onRetry }: { onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <p className="flex w-64 max-w-full flex-wrap items-center gap-2 rounded-xl bg-sunken p-3 text-muted text-sm">
      <ImageOff aria-hidden="true" className="size-5 shrink-0" />
      {t("message:file.failed")}
      <button type="button" className="font-semibold text-info underline" onClick={onRetry}>
        {t("common:retry")}
      </button>
    </p>
  );
}
