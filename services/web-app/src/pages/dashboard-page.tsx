import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ConnectedPeople } from "../components/dashboard/connected-people.tsx";
import { DayChart } from "../components/dashboard/day-chart.tsx";
import { Figures } from "../components/dashboard/figures.tsx";
import { MinuteChart } from "../components/dashboard/minute-chart.tsx";
import { TimeZoneField } from "../components/dashboard/time-zone-field.tsx";
import { useStatistics, useStatisticsHistory } from "../components/dashboard/use-statistics.ts";
import { SessionStatusChip } from "../components/sessions/session-status.tsx";
import { PageFrame } from "../components/shell/page-frame.tsx";
import { QueryData } from "../components/ui/states.tsx";
import { queryKeys } from "../live/query-client.ts";
import { mayManageSessions, useMe } from "../page/me.ts";
import { useSessions, useStats } from "../page/queries.ts";

export function DashboardPage() {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const isManager = mayManageSessions(useMe());
  const statistics = useStatistics();
  const history = useStatisticsHistory();
  const stats = useStats(isManager);
  const readAgain = () => {
    for (const queryKey of [queryKeys.statistics, queryKeys.statisticsHistory])
      void cache.invalidateQueries({ queryKey });
  };
  return (
    <PageFrame title={t("dashboard:title")} subtitle={t("dashboard:subtitle")}>
      <QueryData query={statistics}>
        {(now) => (
          <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
            <Figures statistics={now} />
            <MinuteChart statistics={now} />
            <QueryData query={history}>
              {(days) => <DayChart days={withToday(days, now.perDay)} timeZone={now.timeZone} />}
            </QueryData>
            {isManager && <TimeZoneField timeZone={now.timeZone} onSaved={readAgain} />}
          </div>
        )}
      </QueryData>
      <div className="mt-4 grid gap-4 lg:grid-cols-2">
        <Sessions isManager={isManager} />
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

/** The history with the newer numbers of today. */
const withToday = <Day extends { day: string }>(days: Day[], newest: Day[]): Day[] =>
  days.map((each) => newest.find(({ day }) => day === each.day) ?? each);

function Sessions({ isManager }: { isManager: boolean }) {
  const { t } = useTranslation();
  const { data: sessions = [], isSuccess } = useSessions();
  return (
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
          <li key={session.id} className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1 py-2.5">
            <span dir="auto" className="min-w-0 truncate">
              {session.name}
            </span>
            <SessionStatusChip session={session} />
          </li>
        ))}
      </ul>
    </Panel>
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
