import type { Money } from "@syszap/contracts";
import { useTranslation } from "react-i18next";

const dayOf = (time: Date): number => new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime();
const oneDayMs = 86_400_000;

/** The number of calendar days since a time, in the device's time zone. */
export const daysAgo = (iso: string, now = new Date()): number =>
  Math.round((dayOf(now) - dayOf(new Date(iso))) / oneDayMs);

/** Formats times and sizes in the user's language and time zone. */
export function useFormats() {
  const { t, i18n } = useTranslation();
  const format = (iso: string, options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat(i18n.language, options).format(new Date(iso));
  const clock = (iso: string): string => format(iso, { hour: "2-digit", minute: "2-digit" });
  const day = (iso: string): string => {
    const ago = daysAgo(iso);
    if (ago === 0) return t("inbox:today");
    if (ago === 1) return t("inbox:yesterday");
    if (ago < 7) return format(iso, { weekday: "long" });
    return format(iso, { day: "2-digit", month: "long", year: "numeric" });
  };
  return {
    clock,
    day,
    /** For lists: the time if it was today, otherwise the day. */
    short: (iso: string): string => {
      const ago = daysAgo(iso);
      if (ago === 0) return clock(iso);
      if (ago === 1) return t("inbox:yesterday");
      return format(iso, { day: "2-digit", month: "2-digit", year: "2-digit" });
    },
    full: (iso: string): string => format(iso, { dateStyle: "short", timeStyle: "short" }),
    money: ({ amount, currency }: Money): string =>
      new Intl.NumberFormat(i18n.language, { style: "currency", currency }).format(amount),
    size: (bytes: number): string => {
      const [value, unit] = bytes < 1e6 ? [bytes / 1e3, "kilobyte"] : [bytes / 1e6, "megabyte"];
      return new Intl.NumberFormat(i18n.language, { style: "unit", unit, maximumFractionDigits: 1 }).format(value);
    },
  };
}
