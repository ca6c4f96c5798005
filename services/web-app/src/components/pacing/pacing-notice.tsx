import type { SessionPacing } from "@syszap/contracts";
import { Hourglass } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/format.ts";

/** Of a browser's timers. */
const longestTimerMs = 2_147_483_647;

/** Whether the moment is over; renders anew when it is. */
function useIsOver(iso: string | null): boolean {
  const leftMs = iso === null ? Number.POSITIVE_INFINITY : Date.parse(iso) - Date.now();
  const [, setNow] = useState(0);
  useEffect(() => {
    if (iso === null) return;
    const timer = setTimeout(
      () => setNow(Date.now()),
      Math.min(Math.max(Date.parse(iso) - Date.now(), 0), longestTimerMs),
    );
    return () => clearTimeout(timer);
  }, [iso]);
  return leftMs <= 0;
}

/** Why messages of a session wait and until when; nothing while none has to. */
export function PacingNotice({ pacing, className = "" }: { pacing: SessionPacing; className?: string }) {
  const { t } = useTranslation();
  const { short, clock } = useFormats();
  const { cause, resetsAt } = pacing;
  const isOver = useIsOver(resetsAt);
  // A budget has room again at its time; failures end with a message that goes through.
  if (cause === null || (isOver && cause !== "failures")) return null;
  const isToday = resetsAt !== null && new Date(resetsAt).toDateString() === new Date().toDateString();
  const when = resetsAt === null ? "" : isToday ? clock(resetsAt) : `${short(resetsAt)} ${clock(resetsAt)}`;
  return (
    <p
      role="status"
      data-testid="pacing-notice"
      data-cause={cause}
      className={`flex items-center gap-2 bg-warn-soft text-sm text-warn ${className}`}
    >
      <Hourglass aria-hidden="true" className="size-4 shrink-0" />
      {t(isOver ? "pacing:trying" : `pacing:${cause}`, { when })}
    </p>
  );
}
