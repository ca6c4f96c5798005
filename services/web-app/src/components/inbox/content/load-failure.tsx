import { ImageOff } from "lucide-react";
import { useTranslation } from "react-i18next";

/** In place of a file that is kept, and that the server did not give just now. */
export function LoadFailure() {
  const { t } = useTranslation();
  return (
    <p className="flex w-64 max-w-full items-center gap-2 rounded-xl bg-sunken p-3 text-muted text-sm">
      <ImageOff aria-hidden="true" className="size-5 shrink-0" />
      {t("message:file.failed")}
    </p>
  );
}
