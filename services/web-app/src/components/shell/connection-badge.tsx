import type { ConnectionState } from "@syszap/client";
import { useConnectionState } from "@syszap/client-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

const dots: { [State in ConnectionState]: string } = {
  connected: "bg-accent",
  connecting: "bg-warn animate-pulse",
  reconnecting: "bg-warn animate-pulse",
  idle: "bg-muted",
  offline: "bg-danger",
  signed_out: "bg-danger",
  stopped: "bg-danger",
};

/** The connection state. Always visible, because the page is only as current as its connection. */
export function ConnectionBadge({ isCompact = false }: { isCompact?: boolean }) {
  const { t } = useTranslation();
  const state = useConnectionState();
  const label = t(`connection:${state}`);
  return (
    <p
      role="status"
      data-testid="connection-state"
      data-state={state}
      title={label}
      className={
        isCompact
          ? "inline-flex items-center gap-1.5 text-muted text-xs"
          : "flex flex-col items-center gap-1 text-center text-[0.625rem] text-muted leading-tight"
      }
    >
      <span aria-hidden="true" className={`size-2.5 shrink-0 rounded-full ${dots[state]}`} />
      <span>{label}</span>
    </p>
  );
}

const bannerAfterMs = 1_500;

/** Warns while no events arrive. Appears after a delay, so that a short reconnection does not move the page. */
export function ConnectionBanner() {
  const { t } = useTranslation();
  const state = useConnectionState();
  const isDisconnected = state !== "connected" && state !== "connecting" && state !== "idle";
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    if (!isDisconnected) return setShown(false);
    const timer = setTimeout(() => setShown(true), bannerAfterMs);
    return () => clearTimeout(timer);
  }, [isDisconnected]);
  if (!isDisconnected || !isShown) return null;
  const look = state === "reconnecting" ? "bg-warn-soft text-warn" : "bg-danger-soft text-danger";
  return (
    <p aria-hidden="true" className={`px-4 py-1.5 text-center font-medium text-sm ${look}`}>
      {t(`connection:${state}`)}
    </p>
  );
}
