import { LoaderCircle } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { MessageWindow } from "../../../page/message-window.ts";

interface EdgeStateProps {
  side: "older" | "newer";
  isLoading: boolean;
  isFailed: boolean;
  window: MessageWindow;
}

/** Where the loaded messages end: that others are being loaded, or could not be. Its height never changes, so that nothing moves. */
export function EdgeState({ side, isLoading, isFailed, window }: EdgeStateProps) {
  const { t } = useTranslation();
  const load = () => (side === "older" ? window.loadOlder() : window.loadNewer());
  return (
    <div
      className={`absolute inset-x-0 flex h-14 items-center justify-center gap-2 text-sm ${side === "older" ? "top-0" : "bottom-0"}`}
    >
      {isLoading && (
        <p role="status" className="flex items-center gap-2 text-muted">
          <LoaderCircle className="size-4 animate-spin" />
          {t(side === "older" ? "inbox:loadingOlder" : "inbox:loadingNewer")}
        </p>
      )}
      {isFailed && (
        <p role="alert" className="flex items-center gap-2 text-danger">
          {t("inbox:loadingFailed")}
          <button type="button" className="font-semibold underline" onClick={() => void load().catch(() => undefined)}>
            {t("common:retry")}
          </button>
        </p>
      )}
    </div>
  );
}
