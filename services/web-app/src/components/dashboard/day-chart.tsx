import type { Statistics } from "@syszap/contracts";
import { useParentSize } from "@visx/responsive";
import { scaleBand, scaleLinear } from "@visx/scale";
import { useTranslation } from "react-i18next";
import { ChartAxes, chartHeight, margin, plotHeight, plotWidthOf } from "./chart-axes.tsx";
import { ChartPanel } from "./chart-panel.tsx";
import { type Point, sumOf } from "./series.ts";

const widthPerLabel = 56;

interface DayChartProps {
  days: Statistics["perDay"];
  timeZone: string;
}

/** Messages of each of the last days. */
export function DayChart({ days, timeZone }: DayChartProps) {
  const { t, i18n } = useTranslation();
  const { parentRef, width } = useParentSize({ debounceTime: 50 });
  const points = days.map(({ startsAt, received, sent }) => ({ atMs: Date.parse(startsAt), received, sent }));
  const day = (atMs: number, month: "2-digit" | "long" = "2-digit") =>
    new Intl.DateTimeFormat(i18n.language, { day: "2-digit", month, timeZone }).format(atMs);
  const busiest = points.reduce((best, point) => (totalOf(point) > totalOf(best) ? point : best));
  return (
    <ChartPanel
      title={t("dashboard:perDay")}
      text={t("dashboard:perDayText", { count: days.length })}
      summary={t("dashboard:perDaySummary", {
        received: sumOf(points.map(({ received }) => received)),
        sent: sumOf(points.map(({ sent }) => sent)),
        day: day(busiest.atMs, "long"),
        busiest: totalOf(busiest),
      })}
      rows={points.toReversed()}
      timeHeading={t("dashboard:day")}
      timeText={(atMs) => day(atMs, "long")}
    >
      <div ref={parentRef} className="h-[190px] overflow-hidden">
        {width > 0 && <Bars points={points} width={width} text={(atMs) => day(atMs)} />}
      </div>
    </ChartPanel>
  );
}

function Bars({ points, width, text }: { points: Point[]; width: number; text: (atMs: number) => string }) {
  const plotWidth = plotWidthOf(width);
  const x = scaleBand({ domain: points.map(({ atMs }) => atMs), range: [0, plotWidth], padding: 0.25 });
  const y = scaleLinear({ domain: [0, Math.max(4, ...points.map(totalOf))], range: [plotHeight, 0], nice: 4 });
  const every = Math.max(1, Math.ceil(widthPerLabel / x.step()));
  // Counted from the end, so that today has a label.
  const ticks = points.flatMap(({ atMs }, index) => ((points.length - 1 - index) % every === 0 ? [atMs] : []));
  return (
    <svg width={width} height={chartHeight} aria-hidden="true" data-testid="day-chart">
      <g transform={`translate(${margin.left},${margin.top})`}>
        {points.map((point) => (
          <g key={point.atMs} transform={`translate(${x(point.atMs)},0)`}>
            <title>{`${text(point.atMs)}: ${point.received} + ${point.sent}`}</title>
            <rect
              className="fill-accent"
              width={x.bandwidth()}
              y={y(point.received)}
              height={plotHeight - y(point.received)}
            />
            <rect
              className="fill-info"
              width={x.bandwidth()}
              y={y(totalOf(point))}
              height={Math.max(0, y(point.received) - y(totalOf(point)) - 1)}
            />
          </g>
        ))}
        <ChartAxes x={x} xTicks={ticks} xText={text} y={y} />
      </g>
    </svg>
  );
}

const totalOf = ({ received, sent }: Point): number => received + sent;
