import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { useStore } from "../../lib/store.ts";
import { newRelease, startNewRelease } from "../../page/release.ts";

/** Offers to reload the page when a newer release of sysZap is installed. */
export function useReleaseNotice(): void {
  const { t } = useTranslation();
  const worker = useStore(newRelease);
  useEffect(() => {
    if (!worker) return;
    toast.info(t("notices:newRelease"), {
      id: "new-release",
      description: t("notices:newReleaseText"),
      duration: Number.POSITIVE_INFINITY,
      action: { label: t("errors:reload"), onClick: () => startNewRelease(worker) },
    });
  }, [worker, t]);
}
