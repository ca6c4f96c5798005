import type { TFunction } from "i18next";
import { toast } from "sonner";

/** Says why the open chat disappeared. */
export function showGoneNotice(chatId: string, t: TFunction): void {
  toast.info(t("inbox:gone"), { id: `gone-${chatId}`, description: t("inbox:goneText"), duration: 15_000 });
}
