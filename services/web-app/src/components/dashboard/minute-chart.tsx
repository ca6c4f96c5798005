import type { Statistics } from "@syszap/contracts";
import { curveStepAfter } from "@visx/curve";
import { useParentSize } from "@visx/responsive";
import { scaleLinear } from "@visx/scale";
import { AreaClosed, LinePath } from "@visx/shape";
import { useTranslation } from "react-i18next";
import { ChartAxes, chartHeight, margin, plotHeight, plotWidthOf } from "./chart-axes.tsx";
import { ChartPanel } from "./chart-panel.tsx";
import { binMinutesFor, type Point, perHour, perMinute, sumOf } from "./series.ts";
import { useNow } from "./use-statistics.ts";

const hourMs = 3_600_000;
const widthPerLabel = 64;
const lines = [
  { series: "received", className: "stroke-accent" },
  { series: "sent", className: "stroke-info" },
] as const;

/** Messages per minute of today, in the company's time zone. */
export function MinuteChart({ statistics }: { statistics: Statistics }) {
  const { t, i18n } = useTranslation();
  const { parentRef, width } = useParentSize({ debounceTime: 50 });
  const now = Math.max(useNow(), Date.parse(statistics.readAt));
  const { today, timeZone } = statistics;
  const time = new Intl.DateTimeFormat(i18n.language, { hour: "2-digit", minute: "2-digit", timeZone }).format;
  const hours = perHour(today, now);
  const busiest = hours.reduce((best, hour) => (totalOf(hour) > totalOf(best) ? hour : best));
  const totals = { received: sumOf(today.received), sent: sumOf(today.sent) };
  return (
    <ChartPanel
      title={t("dashboard:perMinute")}
      text={t("dashboard:perMinuteText", { timeZone: timeZone.replaceAll("_", " ") })}
      summary={
        totals.received + totals.sent === 0
          ? t("dashboard:noneToday")
          : t("dashboard:perMinuteSummary", { ...totals, time: time(busiest.atMs), busiest: totalOf(busiest) })
      }
      rows={hours}
      timeHeading={t("dashboard:hour")}
      timeText={time}
    >
      <div ref={parentRef} className="h-[190px] overflow-hidden">
        {width > 0 && <Plot statistics={statistics} now={now} width={width} time={time} />}
      </div>
    </ChartPanel>
  );
}

interface PlotProps {
  statistics: Statistics;
  now: number;
  width: number;
  time: (atMs: number) => string;
}

function Plot({ statistics: { today }, now, width, time }: PlotProps) {
  const plotWidth = plotWidthOf(width);
  const binMinutes = binMinutesFor(plotWidth);
  const points = perMinute(today, binMinutes, now);
  const [startMs, endMs] = [Date.parse(today.startsAt), Date.parse(today.endsAt)];
  const x = scaleLinear({ domain: [startMs, endMs], range: [0, plotWidth] });
  const highest = Math.max(1, ...points.map(({ received, sent }) => Math.max(received, sent)));
  const y = scaleLinear({ domain: [0, highest], range: [plotHeight, 0], nice: 4 });
  const last = points.at(-1);
  // The step of the last bin ends with the bin.
  const steps = last ? [...points, { ...last, atMs: last.atMs + binMinutes * 60_000 }] : points;
  const hoursPerLabel = [1, 2, 3, 4, 6, 12].find((hours) => (plotWidth / 24) * hours >= widthPerLabel) ?? 12;
  const ticks = Array.from(
    { length: Math.ceil((endMs - startMs) / hourMs / hoursPerLabel) },
    (_, index) => startMs + index * hoursPerLabel * hourMs,
  );
  const xOf = ({ atMs }: Point) => Math.min(plotWidth, x(atMs));
  return (
    <svg width={width} height={chartHeight} aria-hidden="true" data-testid="minute-chart">
      <g transform={`translate(${margin.left},${margin.top})`}>
        <AreaClosed
          data={steps}
          x={xOf}
          y={(point) => y(point.received)}
          yScale={y}
          curve={curveStepAfter}
          className="fill-accent opacity-25"
        />
        {lines.map(({ series, className }) => (
          <LinePath
            key={series}
            data={steps}
            x={xOf}
            y={(point) => y(point[series])}
            curve={curveStepAfter}
            className={`stroke-2 ${className}`}
          />
        ))}
        <ChartAxes x={x} xTicks={ticks} xText={time} y={y} />
      </g>
    </svg>
  );
}

const totalOf = ({ received, sent }: Point): number => received + sent;
