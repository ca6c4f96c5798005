import type { Session } from "@syszap/contracts";
import { engines } from "@syszap/contracts/constants";
import { useQueryClient } from "@tanstack/react-query";
import { Link2Off, Power, PowerOff, QrCode, Smartphone, Trash2, Waypoints } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { useFormats } from "../../i18n/format.ts";
import { useNumberFormat } from "../../i18n/phone-numbers.ts";
import { describeReason } from "../../i18n/reasons.ts";
import { queryKeys } from "../../live/query-client.ts";
import { api } from "../../page/api.ts";
import { useSessionPacing } from "../../page/queries.ts";
import { PacingBudgets } from "../pacing/pacing-budgets.tsx";
import { PacingNotice } from "../pacing/pacing-notice.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { Toggle } from "../ui/toggle.tsx";
import { ProxyDialog } from "./proxy-dialog.tsx";
import { SessionStatusChip } from "./session-status.tsx";
import { useSessionAction } from "./use-session-action.ts";

interface SessionCardProps {
  session: Session;
  mayManage: boolean;
  onConnect: () => void;
}

/** One session: its phone, status, pacing and actions. */
export function SessionCard({ session, mayManage, onConnect }: SessionCardProps) {
  const { t } = useTranslation();
  const formatNumber = useNumberFormat();
  const { full } = useFormats();
  return (
    <li
      data-testid="session-card"
      data-session-id={session.id}
      data-status={session.status}
      className="flex flex-col gap-4 rounded-2xl border border-line bg-surface p-5 shadow-card"
    >
      <div className="flex items-start gap-3">
        <span className="grid size-11 shrink-0 place-items-center rounded-xl bg-accent-soft text-accent">
          <Smartphone aria-hidden="true" className="size-5" />
        </span>
        <div className="min-w-0 flex-1">
          <h2 dir="auto" className="truncate font-semibold">
            {session.name}
          </h2>
          <p className="text-muted text-sm">
            {session.phoneNumber ? formatNumber(session.phoneNumber) : t("sessions:noNumber")} ·{" "}
            {t(`sessions:engineName.${session.engine}`)}
          </p>
        </div>
        {mayManage && <DeleteSession session={session} />}
      </div>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <SessionStatusChip session={session} />
        <span className="text-muted text-xs">{t("sessions:changed", { when: full(session.updatedAt) })}</span>
      </div>
      {session.reason && (
        <p data-testid="session-reason" className="rounded-lg bg-sunken px-3 py-2 text-muted text-sm">
          {describeReason(session.reason, t)}
        </p>
      )}
      {session.phoneNumber !== null && <SessionPacingInfo sessionId={session.id} />}
      {mayManage && engines[session.engine].capabilities.groups && <GroupsSwitch session={session} />}
      {mayManage && <SessionActions session={session} onConnect={onConnect} />}
    </li>
  );
}

/** Applies at once, without a restart of the session. */
function GroupsSwitch({ session: { id, groupsEnabled } }: { session: Session }) {
  const { t } = useTranslation();
  const setGroups = useSessionAction(
    (sessionId) => api.call("setSessionGroups", { params: { id: sessionId }, body: { enabled: !groupsEnabled } }),
    (changed) => toast.success(t(changed?.groupsEnabled ? "sessions:groupsOn" : "sessions:groupsOff")),
  );
  return (
    <Toggle
      label={t("sessions:groups")}
      testId="session-groups"
      isOn={groupsEnabled}
      onChange={() => setGroups.mutate(id)}
    />
  );
}

function SessionPacingInfo({ sessionId }: { sessionId: string }) {
  const { data: pacing } = useSessionPacing(sessionId, { isCounted: true });
  if (!pacing) return null;
  return (
    <>
      <PacingNotice pacing={pacing} className="rounded-lg px-3 py-2" />
      <PacingBudgets pacing={pacing} />
    </>
  );
}

function SessionActions({ session, onConnect }: Omit<SessionCardProps, "mayManage">) {
  const { t } = useTranslation();
  const disconnect = useSessionAction((id) => api.call("disconnectSession", { params: { id } }));
  const logOut = useSessionAction((id) => api.call("logoutSession", { params: { id } }));
  const [confirming, setConfirming] = useState<"disconnect" | "logout">();
  const [showsProxy, setShowsProxy] = useState(false);
  const isStopped = session.status === "disconnected";
  return (
    <div className="mt-auto flex flex-wrap gap-2">
      {session.status !== "connected" && (
        <Button look="primary" data-testid="session-connect" onClick={onConnect} className="flex-1">
          {isStopped ? <Power className="size-4" /> : <QrCode className="size-4" />}
          {t(isStopped ? "sessions:connect" : "sessions:showQr")}
        </Button>
      )}
      {!isStopped && (
        <Button
          data-testid="session-disconnect"
          disabled={disconnect.isPending}
          onClick={() => (session.status === "connected" ? setConfirming("disconnect") : disconnect.mutate(session.id))}
          className="flex-1"
        >
          <PowerOff className="size-4" />
          {t("sessions:disconnect")}
        </Button>
      )}
      {session.phoneNumber !== null && session.detail !== "logged_out" && (
        <Button
          data-testid="session-logout"
          disabled={logOut.isPending}
          onClick={() => setConfirming("logout")}
          className="flex-1"
        >
          <Link2Off className="size-4" />
          {t("sessions:logout")}
        </Button>
      )}
      {engines[session.engine].capabilities.proxy && (
        <Button data-testid="session-proxy" onClick={() => setShowsProxy(true)} className="flex-1">
          <Waypoints className="size-4" />
          {t("linking:proxy.open")}
        </Button>
      )}
      {showsProxy && <ProxyDialog session={session} onClose={() => setShowsProxy(false)} />}
      {confirming === "disconnect" && (
        <Confirm
          title={t("sessions:confirmDisconnect", { name: session.name })}
          text={t("sessions:confirmDisconnectText")}
          action={t("sessions:disconnect")}
          onConfirm={() => disconnect.mutate(session.id)}
          onClose={() => setConfirming(undefined)}
        />
      )}
      {confirming === "logout" && (
        <Confirm
          title={t("sessions:confirmLogout", { name: session.name })}
          text={t("sessions:confirmLogoutText")}
          action={t("sessions:logout")}
          onConfirm={() => logOut.mutate(session.id)}
          onClose={() => setConfirming(undefined)}
        />
      )}
    </div>
  );
}

function DeleteSession({ session }: { session: Session }) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const [isConfirming, setConfirming] = useState(false);
  const remove = useSessionAction(
    (id) => api.call("removeSession", { params: { id } }),
    () => {
      cache.setQueryData<Session[]>(queryKeys.sessions, (all) => all?.filter((each) => each.id !== session.id));
      toast.success(t("sessions:deletedNotice"), { description: session.name });
    },
  );
  return (
    <>
      <IconButton
        label={`${t("sessions:delete")}: ${session.name}`}
        data-testid="session-delete"
        disabled={remove.isPending}
        onClick={() => setConfirming(true)}
        className="-mt-1 -mr-2 hover:text-danger"
      >
        <Trash2 className="size-4.5" />
      </IconButton>
      {isConfirming && (
        <Confirm
          title={t("sessions:confirmDelete", { name: session.name })}
          text={t("sessions:confirmDeleteText")}
          action={t("sessions:delete")}
          onConfirm={() => remove.mutate(session.id)}
          onClose={() => setConfirming(false)}
        />
      )}
    </>
  );
}
