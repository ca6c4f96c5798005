const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** A duration with one or two units: "850 ms", "12 s", "4 min", "3 h 12 min", "2 days". */
export function durationText(ms: number, language: string): string {
  const unit = (value: number, name: string, unitDisplay: "short" | "long" = "short") =>
    new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay }).format(value);
  if (ms < secondMs) return unit(Math.round(ms), "millisecond");
  if (ms < minuteMs) return unit(Math.round(ms / secondMs), "second");
  if (ms < hourMs) return unit(Math.round(ms / minuteMs), "minute");
  if (ms >= 2 * dayMs) return unit(Math.round(ms / dayMs), "day", "long");
  const minutes = Math.round((ms % hourMs) / minuteMs);
  return [unit(Math.floor(ms / hourMs), "hour"), minutes > 0 && unit(minutes, "minute")].filter(Boolean).join(" ");
}
