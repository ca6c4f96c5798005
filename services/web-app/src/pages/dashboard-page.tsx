import type { DataOf } from "@syszap/contracts";
import { skipToken, useQuery } from "@tanstack/react-query";
import { ArrowDownLeft, ArrowUpRight, Radio, Smartphone } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ConnectedPeople } from "../components/dashboard/connected-people.tsx";
import { SessionStatusChip } from "../components/sessions/session-status.tsx";
import { PageFrame } from "../components/shell/page-frame.tsx";
import { QueryData } from "../components/ui/states.tsx";
import { useStore } from "../lib/store.ts";
import { queryKeys } from "../live/query-client.ts";
import { lastMinutes } from "../live/traffic.ts";
import { mayManageSessions, useMe } from "../page/me.ts";
import { useSessions, useStats } from "../page/queries.ts";
import { traffic } from "../page/state.ts";

export function DashboardPage() {
  const { t, i18n } = useTranslation();
  const isManager = mayManageSessions(useMe());
  const { data: live } = useQuery<DataOf<"live_stats">>({ queryKey: queryKeys.liveStats, queryFn: skipToken });
  const stats = useStats(isManager);
  const { data: sessions = [], isSuccess } = useSessions();
  const counts = useStore(traffic.store);
  const number = (value: number | undefined): string =>
    value === undefined ? "–" : new Intl.NumberFormat(i18n.language).format(value);
  return (
    <PageFrame title={t("dashboard:title")} subtitle={t("dashboard:subtitle")}>
      <dl className="grid grid-cols-2 gap-3 sm:gap-4 lg:grid-cols-4">
        {isManager && (
          <Figure
            icon={<Radio />}
            testId="stat-connections"
            label={t("dashboard:connections")}
            value={number(live?.totalConnections ?? stats.data?.totalConnections)}
            note={live && t("dashboard:gateways", { count: live.gateways })}
          />
        )}
        <Figure
          icon={<Smartphone />}
          testId="stat-sessions"
          label={t("dashboard:sessions")}
          value={number(sessions.filter((session) => session.status === "connected").length)}
          note={t("dashboard:ofTotal", { count: sessions.length })}
        />
        <Figure
          icon={<ArrowDownLeft />}
          testId="stat-received"
          label={t("dashboard:received")}
          value={number(counts.received)}
        />
        <Figure icon={<ArrowUpRight />} testId="stat-sent" label={t("dashboard:sent")} value={number(counts.sent)} />
      </dl>
      <MinuteChart />
      <div className="mt-4 grid gap-4 lg:grid-cols-2">
        <Panel title={t("sessions:title")}>
          {isSuccess && sessions.length === 0 && (
            <p className="text-muted">
              {t("sessions:empty")}{" "}
              {isManager && (
                <Link to="/sessions" className="font-medium text-accent underline underline-offset-4">
                  {t("sessions:new")}
                </Link>
              )}
            </p>
          )}
          <ul className="divide-y divide-line">
            {sessions.map((session) => (
              <li key={session.id} className="flex items-center justify-between gap-3 py-2.5">
                <span dir="auto" className="truncate">
                  {session.name}
                </span>
                <SessionStatusChip session={session} />
              </li>
            ))}
          </ul>
        </Panel>
        <Panel title={t("dashboard:people")}>
          {isManager ? (
            <QueryData query={stats}>{(shown) => <ConnectedPeople stats={shown} />}</QueryData>
          ) : (
            <p className="text-muted">{t("dashboard:managersOnly")}</p>
          )}
        </Panel>
      </div>
    </PageFrame>
  );
}

interface FigureProps {
  icon: ReactNode;
  testId: string;
  label: string;
  value: string;
  note?: string | undefined;
}

function Figure({ icon, testId, label, value, note }: FigureProps) {
  return (
    <div className="flex flex-col-reverse justify-end gap-1 rounded-2xl border border-line bg-surface p-4 shadow-card sm:p-5">
      <dt className="text-muted text-sm leading-snug">{label}</dt>
      <dd className="flex flex-wrap items-baseline gap-x-2">
        <span aria-hidden="true" className="mb-2 block w-full text-accent [&>svg]:size-5">
          {icon}
        </span>
        <span data-testid={testId} className="font-bold text-3xl tabular-nums tracking-tight">
          {value}
        </span>
        {note && <span className="text-muted text-sm">{note}</span>}
      </dd>
    </div>
  );
}

function Panel({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="rounded-2xl border border-line bg-surface p-4 shadow-card sm:p-5">
      <h2 className="mb-2 font-semibold">{title}</h2>
      {children}
    </section>
  );
}

function MinuteChart() {
  const { t } = useTranslation();
  const counts = useStore(traffic.store);
  const now = useCurrentMinute();
  const minutes = lastMinutes(counts, now);
  const highest = Math.max(4, ...minutes);
  return (
    <section className="mt-4 rounded-2xl border border-line bg-surface p-4 shadow-card sm:p-5">
      <h2 className="font-semibold">{t("dashboard:perMinute")}</h2>
      <p className="text-muted text-sm">{t("dashboard:perMinuteText")}</p>
      <div
        role="img"
        aria-label={`${t("dashboard:perMinute")}: ${minutes.join(", ")}`}
        className="mt-4 flex h-32 items-end gap-1"
      >
        {minutes.map((count, index) => (
          <span
            key={index}
            title={String(count)}
            className={`flex-1 rounded-t-sm transition-[height] duration-300 ${count > 0 ? "bg-accent" : "bg-line"}`}
            style={{ height: count > 0 ? `${Math.max(6, (count / highest) * 100)}%` : "3px" }}
          />
        ))}
      </div>
    </section>
  );
}

/** Moves the chart on while no messages arrive. */
function useCurrentMinute(): number {
  const [now, setNow] = useState(Date.now);
  const counts = useStore(traffic.store);
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 10_000);
    return () => clearInterval(timer);
  }, [counts]);
  return now;
}
