import type { Session, SessionStatus } from "@syszap/contracts";
import { useTranslation } from "react-i18next";

const looks: { [Status in SessionStatus]: { chip: string; dot: string } } = {
  connected: { chip: "bg-accent-soft text-accent", dot: "bg-accent" },
  connecting: { chip: "bg-info-soft text-info", dot: "bg-info animate-pulse" },
  qr: { chip: "bg-warn-soft text-warn", dot: "bg-warn animate-pulse" },
  disconnected: { chip: "bg-sunken text-muted", dot: "bg-muted" },
};
const failedDetails = ["qr_expired", "action_required", "conflict", "logged_out", "failed"];

/** The status as text; the colour adds no information. */
export function SessionStatusChip({ session }: { session: Session }) {
  const { t } = useTranslation();
  const hasFailed = failedDetails.includes(session.detail);
  const look = hasFailed ? { chip: "bg-danger-soft text-danger", dot: "bg-danger" } : looks[session.status];
  return (
    <span className={`inline-flex items-center gap-2 rounded-full px-2.5 py-1 font-medium text-xs ${look.chip}`}>
      <span aria-hidden="true" className={`size-2 shrink-0 rounded-full ${look.dot}`} />
      {t(`sessions:detail.${session.detail}`)}
    </span>
  );
}
