import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import type { Point } from "./series.ts";

interface ChartPanelProps {
  title: string;
  text: string;
  /** What the chart shows, in one sentence: its text for screen readers. */
  summary: string;
  /** The numbers of the chart, also as a table. */
  rows: readonly Point[];
  timeHeading: string;
  timeText: (atMs: number) => string;
  children: ReactNode;
}

/** A chart with its legend, and the same numbers as a table. */
export function ChartPanel({ title, text, summary, rows, timeHeading, timeText, children }: ChartPanelProps) {
  const { t, i18n } = useTranslation();
  const id = useId();
  const number = new Intl.NumberFormat(i18n.language).format;
  return (
    <section aria-labelledby={id} className="rounded-2xl border border-line bg-surface p-4 shadow-card sm:p-5">
      <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <div className="min-w-0">
          <h2 id={id} className="font-semibold">
            {title}
          </h2>
          <p className="text-muted text-sm">{text}</p>
        </div>
        <ul className="flex gap-4 text-sm">
          <LegendEntry colour="bg-accent" text={t("dashboard:receivedSeries")} />
          <LegendEntry colour="bg-info" text={t("dashboard:sentSeries")} />
        </ul>
      </header>
      <div role="img" aria-label={summary} className="mt-4">
        {children}
      </div>
      <details className="mt-3 text-sm">
        <summary className="w-fit cursor-pointer rounded text-accent">{t("dashboard:asTable")}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable by keyboard */}
        <section aria-label={t("dashboard:tableOf", { title })} tabIndex={0} className="mt-2 max-h-72 overflow-y-auto">
          <table className="w-full tabular-nums">
            <caption className="sr-only">{title}</caption>
            <thead className="sticky top-0 bg-surface text-left text-muted">
              <tr>
                <th scope="col" className="py-1.5 font-medium">
                  {timeHeading}
                </th>
                <th scope="col" className="py-1.5 text-right font-medium">
                  {t("dashboard:receivedSeries")}
                </th>
                <th scope="col" className="py-1.5 text-right font-medium">
                  {t("dashboard:sentSeries")}
                </th>
              </tr>
            </thead>
            <tbody className="divide-y divide-line">
              {rows.map(({ atMs, received, sent }) => (
                <tr key={atMs}>
                  <th scope="row" className="py-1.5 text-left font-normal">
                    {timeText(atMs)}
                  </th>
                  <td className="py-1.5 text-right">{number(received)}</td>
                  <td className="py-1.5 text-right">{number(sent)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </section>
  );
}

function LegendEntry({ colour, text }: { colour: string; text: string }) {
  return (
    <li className="flex items-center gap-2">
      <span aria-hidden="true" className={`size-2.5 rounded-full ${colour}`} />
      {text}
    </li>
  );
}
