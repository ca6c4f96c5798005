import type { SessionPacing } from "@syszap/contracts";
import { Hourglass } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { daysAgo, useFormats } from "../../i18n/format.ts";

/** The longest delay that browsers' timers support. */
const maxTimerMs = 2_147_483_647;

/** Whether a time has passed; renders again when it passes. */
function useHasPassed(iso: string | null): boolean {
  const leftMs = iso === null ? Number.POSITIVE_INFINITY : Date.parse(iso) - Date.now();
  const [, setNow] = useState(0);
  useEffect(() => {
    if (iso === null) return;
    const timer = setTimeout(() => setNow(Date.now()), Math.min(Math.max(Date.parse(iso) - Date.now(), 0), maxTimerMs));
    return () => clearTimeout(timer);
  }, [iso]);
  return leftMs <= 0;
}

/** Why a session's messages wait, and until when. Nothing while messages are sent normally. */
export function PacingNotice({ pacing, className = "" }: { pacing: SessionPacing; className?: string }) {
  const { t } = useTranslation();
  const { short, clock } = useFormats();
  const { cause, resetsAt } = pacing;
  const hasPassed = useHasPassed(resetsAt);
  const timeOf = (iso: string) => (daysAgo(iso) === 0 ? clock(iso) : `${short(iso)} ${clock(iso)}`);
  // A budget is free again at `resetsAt`. Failures end only when a message is sent.
  if (cause === null || (hasPassed && cause !== "failures")) return null;
  const when = resetsAt === null ? "" : timeOf(resetsAt);
  return (
    <p
      role="status"
      data-testid="pacing-notice"
      data-cause={cause}
      className={`flex items-center gap-2 bg-warn-soft text-sm text-warn ${className}`}
    >
      <Hourglass aria-hidden="true" className="size-4 shrink-0" />
      {t(hasPassed ? "pacing:trying" : `pacing:${cause}`, { when })}
    </p>
  );
}
