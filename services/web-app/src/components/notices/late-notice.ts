import type { TFunction } from "i18next";
import { toast } from "sonner";
import { playNotice, vibrate } from "../../notices/sound.ts";

/** Messages that the notice on the screen counts. */
let count = 0;

const reset = () => {
  count = 0;
};

/** Shows one notice for all messages that were written while a session was not connected: there may be hundreds at once. */
export function showLateNotice(t: TFunction): void {
  if (count === 0) {
    playNotice();
    vibrate();
  }
  count += 1;
  const timing = { duration: 10_000, onDismiss: reset, onAutoClose: reset };
  toast.info(t("notices:late", { count }), { id: "late-messages", ...timing });
}
