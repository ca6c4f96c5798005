import { useTranslation } from "react-i18next";
import { useFormats } from "../../../i18n/format.ts";
import type { Row } from "./rows.ts";

interface DayLabelProps {
  rows: readonly Row[];
  firstVisible: number;
  onPick: () => void;
}

/** The day of the first visible message, above the list. A click jumps to another date. */
export function DayLabel({ rows, firstVisible, onPick }: DayLabelProps) {
  const { t } = useTranslation();
  const { day } = useFormats();
  const row = rows[firstVisible];
  // The row of a day has the same label.
  if (row?.kind !== "message") return null;
  const label = day(row.message.timestamp);
  return (
    <button
      type="button"
      onClick={onPick}
      aria-label={t("inbox:jump.from", { day: label })}
      title={t("inbox:jump.title")}
      className="-translate-x-1/2 absolute top-1.5 left-1/2 z-10 rounded-full border border-line bg-raised px-3 py-0.5 text-muted text-xs shadow-card first-letter:uppercase hover:text-ink"
    >
      {label}
    </button>
  );
}
