import { AxisBottom, AxisLeft } from "@visx/axis";
import { useTranslation } from "react-i18next";

export const chartHeight = 190;
export const margin = { top: 8, right: 20, bottom: 26, left: 40 };
export const plotHeight = chartHeight - margin.top - margin.bottom;
export const plotWidthOf = (width: number): number => Math.max(0, width - margin.left - margin.right);

type Scale = Parameters<typeof AxisLeft>[0]["scale"];
const labels = "fill-muted text-[11px] tabular-nums";

interface ChartAxesProps<Value> {
  x: Parameters<typeof AxisBottom>[0]["scale"];
  xTicks: Value[];
  xText: (value: Value) => string;
  y: Scale;
}

/** Axes in the colours of the theme. */
export function ChartAxes<Value extends number | string>({ x, xTicks, xText, y }: ChartAxesProps<Value>) {
  const { i18n } = useTranslation();
  const number = new Intl.NumberFormat(i18n.language, { notation: "compact", maximumFractionDigits: 1 });
  return (
    <>
      <AxisLeft
        scale={y}
        numTicks={4}
        hideTicks
        hideAxisLine
        tickFormat={(value) => number.format(Number(value))}
        tickLabelProps={{ className: labels, fill: "", fontFamily: "", textAnchor: "end", dx: -6, dy: 4 }}
      />
      <AxisBottom
        top={plotHeight}
        scale={x}
        tickValues={xTicks}
        hideTicks
        axisLineClassName="stroke-line"
        stroke=""
        tickFormat={(value) => xText(value as Value)}
        tickLabelProps={{ className: labels, fill: "", fontFamily: "", textAnchor: "middle" }}
      />
    </>
  );
}
