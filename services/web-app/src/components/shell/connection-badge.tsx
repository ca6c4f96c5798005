import type { ConnectionState } from "@syszap/client";
import { useConnectionState, useFailedAttempts, useRealtimeClient } from "@syszap/client-react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { retryFailing } from "../../live/retry-failing.ts";

/** `unreachable`: several attempts in a row failed, although the browser has a network. */
type ShownState = ConnectionState | "unreachable";

/** After this number of failed attempts the server counts as unreachable. */
const unreachableAfter = 3;

function useShownState(): ShownState {
  const state = useConnectionState();
  const failedAttempts = useFailedAttempts();
  const isTrying = state === "connecting" || state === "reconnecting";
  return isTrying && failedAttempts >= unreachableAfter ? "unreachable" : state;
}

const dots: { [State in ShownState]: string } = {
  connected: "bg-accent",
  connecting: "bg-warn animate-pulse",
  reconnecting: "bg-warn animate-pulse",
  idle: "bg-muted",
  offline: "bg-danger",
  signed_out: "bg-danger",
  stopped: "bg-danger",
  unreachable: "bg-danger",
};

/** The connection state. Always visible, because the page is only as current as its connection. */
export function ConnectionBadge({ isCompact = false }: { isCompact?: boolean }) {
  const { t } = useTranslation();
  const state = useShownState();
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
      {/* A narrow page needs the room for names. */}
      <span className={isCompact && state === "connected" ? "max-[26rem]:sr-only" : ""}>{label}</span>
    </p>
  );
}

const bannerAfterMs = 1_500;
const quietStates: readonly ShownState[] = ["connected", "connecting", "idle"];
const retryableStates: readonly ShownState[] = ["unreachable", "offline", "stopped"];

/**
 * Warns while no events arrive, and offers to connect at once. Appears after a delay, so that a short reconnection does not move the
 * page. Screen readers get the same text from the badge.
 */
export function ConnectionBanner() {
  const { t } = useTranslation();
  const state = useShownState();
  const isDisconnected = !quietStates.includes(state);
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    if (!isDisconnected) return setShown(false);
    const timer = setTimeout(() => setShown(true), bannerAfterMs);
    return () => clearTimeout(timer);
  }, [isDisconnected]);
  if (!isDisconnected || (!isShown && state !== "unreachable")) return null;
  const look = state === "reconnecting" ? "bg-warn-soft text-warn" : "bg-danger-soft text-danger";
  return (
    <div
      data-testid="connection-banner"
      className={`flex flex-wrap items-center justify-center gap-x-3 px-4 py-1.5 text-center font-medium text-sm ${look}`}
    >
      <p aria-hidden="true">
        {t(`connection:${state}`)}
        {state === "unreachable" && `. ${t("connection:kept")}`}
      </p>
      {retryableStates.includes(state) && <RetryButton />}
    </div>
  );
}

/** Connects and reads what failed, without waiting for the backoff. */
function RetryButton() {
  const { t } = useTranslation();
  const client = useRealtimeClient();
  const cache = useQueryClient();
  const failedAttempts = useFailedAttempts();
  /** The number of failures when the button was pressed: the attempt lasts until there is one more. */
  const [triedAfter, setTriedAfter] = useState<number>();
  return (
    <button
      type="button"
      data-testid="connection-retry"
      className="font-semibold underline underline-offset-2"
      onClick={() => {
        setTriedAfter(failedAttempts);
        client.retry();
        void retryFailing(cache);
      }}
    >
      {t(triedAfter === failedAttempts ? "connection:trying" : "common:retry")}
    </button>
  );
}
