import type { MessageStatus } from "@syszap/contracts";
import { Check, CheckCheck, CircleAlert, Clock3 } from "lucide-react";
import { useTranslation } from "react-i18next";

export type ShownStatus = MessageStatus | "sending";

const colours: Partial<Record<ShownStatus, string>> = {
  read: "text-read",
  played: "text-read",
  failed: "text-danger",
};

/** ✓ sent, ✓✓ delivered, blue ✓✓ read. The label has the same information for screen readers. */
export function Ticks({ status }: { status: ShownStatus }) {
  const { t } = useTranslation();
  const Icon = { sending: Clock3, queued: Clock3, sent: Check, failed: CircleAlert }[status as string] ?? CheckCheck;
  const label = t(`message:status.${status}`);
  return (
    <span
      role="img"
      aria-label={label}
      title={label}
      className={`inline-flex shrink-0 ${colours[status] ?? "text-muted"}`}
    >
      <Icon className={Icon === Clock3 ? "size-3" : "size-4"} strokeWidth={2.25} />
    </span>
  );
}
