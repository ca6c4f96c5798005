import type { Statistics } from "@syszap/contracts";
import { ArrowDownLeft, ArrowUpRight, Clock, Hourglass, Inbox, Radio, Smartphone, Timer } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { durationText } from "../../i18n/duration.ts";
import { sumOf } from "./series.ts";
import { useNow } from "./use-statistics.ts";

/** The present numbers. Those of connections and of the installation are shown to owners and admins only. */
export function Figures({ statistics }: { statistics: Statistics }) {
  const { t, i18n } = useTranslation();
  const now = useNow();
  const { waiting, firstAnswer, sending, live, today, sessions } = statistics;
  const number = new Intl.NumberFormat(i18n.language).format;
  const duration = (ms: number): string => durationText(Math.max(0, ms), i18n.language);
  const since = (iso: string | null) => iso && t("dashboard:waitingSince", { time: duration(now - Date.parse(iso)) });
  const allSessions = sessions.connected + sessions.connecting + sessions.disconnected + sessions.qr;
  return (
    <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 sm:gap-4">
      <Figure
        icon={<Inbox />}
        testId="stat-waiting"
        label={t("dashboard:waiting")}
        value={number(waiting.chats)}
        note={since(waiting.since)}
      />
      <Figure
        icon={<Timer />}
        testId="stat-first-answer"
        label={t("dashboard:firstAnswer")}
        value={firstAnswer ? duration(firstAnswer.medianMs) : "–"}
        note={
          firstAnswer &&
          t("dashboard:firstAnswerNote", { count: firstAnswer.answers, time: duration(firstAnswer.p90Ms) })
        }
      />
      <Figure
        icon={<ArrowDownLeft />}
        testId="stat-received"
        label={t("dashboard:received")}
        value={number(sumOf(today.received))}
      />
      <Figure
        icon={<ArrowUpRight />}
        testId="stat-sent"
        label={t("dashboard:sent")}
        value={number(sumOf(today.sent))}
      />
      <Figure
        icon={<Hourglass />}
        testId="stat-sending"
        label={t("dashboard:sending")}
        value={number(sending.waiting)}
        note={since(sending.since)}
      />
      <Figure
        icon={<Smartphone />}
        testId="stat-sessions"
        label={t("dashboard:sessions")}
        value={number(sessions.connected)}
        note={t("dashboard:ofTotal", { count: allSessions })}
      />
      {live && (
        <>
          <Figure
            icon={<Radio />}
            testId="stat-connections"
            label={t("dashboard:peopleNow")}
            value={number(live.people)}
            note={`${t("dashboard:devices", { count: live.connections })}, ${t("dashboard:gateways", { count: live.gateways })}`}
          />
          <Figure
            icon={<Clock />}
            testId="stat-latency"
            label={t("dashboard:latency")}
            value={live.latency ? duration(live.latency.p50Ms) : "–"}
            note={
              live.latency
                ? t("dashboard:latencyNote", { time: duration(live.latency.p99Ms) })
                : t("dashboard:noEvents")
            }
          />
          <Figure
            icon={<Hourglass />}
            testId="stat-receiving"
            label={t("dashboard:receiving")}
            value={live.receiving === null ? "–" : number(live.receiving)}
            note={t("dashboard:receivingNote")}
          />
        </>
      )}
    </dl>
  );
}

interface FigureProps {
  icon: ReactNode;
  testId: string;
  label: string;
  value: string;
  note?: string | null;
}

function Figure({ icon, testId, label, value, note }: FigureProps) {
  return (
    <div className="relative flex min-w-0 flex-col rounded-2xl border border-line bg-surface p-4 shadow-card sm:p-5">
      <dt className="order-2 text-sm leading-snug">
        <span aria-hidden="true" className="absolute top-4 right-4 text-accent [&>svg]:size-5">
          {icon}
        </span>
        {label}
      </dt>
      <dd data-testid={testId} className="order-1 font-bold text-2xl tabular-nums tracking-tight sm:text-3xl">
        {value}
      </dd>
      {note && <dd className="order-3 text-muted text-sm">{note}</dd>}
    </div>
  );
}
