import type { Money } from "@syszap/contracts";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";

const dayOf = (time: Date): number => new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime();
const oneDayMs = 86_400_000;

/** Creating a formatter takes about as long as rendering a message, so each one is created once. */
function cached<Formatter>(create: (...key: string[]) => Formatter): (...key: string[]) => Formatter {
  const formatters = new Map<string, Formatter>();
  return (...key) => {
    const name = key.join(" ");
    const formatter = formatters.get(name) ?? create(...key);
    formatters.set(name, formatter);
    return formatter;
  };
}

const timeStyles = {
  clock: { hour: "2-digit", minute: "2-digit" },
  weekday: { weekday: "long" },
  date: { day: "2-digit", month: "long", year: "numeric" },
  shortDate: { day: "2-digit", month: "2-digit", year: "2-digit" },
  full: { dateStyle: "short", timeStyle: "short" },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;
type TimeStyle = keyof typeof timeStyles;

const timeFormat = cached((language, style) => new Intl.DateTimeFormat(language, timeStyles[style as TimeStyle]));
const moneyFormat = cached((language, currency) => new Intl.NumberFormat(language, { style: "currency", currency }));
const unitFormat = cached(
  (language, unit) => new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: 1 }),
);

/** The number of calendar days since a time, in the device's time zone. */
export const daysAgo = (iso: string, now = new Date()): number =>
  Math.round((dayOf(now) - dayOf(new Date(iso))) / oneDayMs);

/** Formats times and sizes in the user's language and time zone. */
export function useFormats(): Formats {
  const { t, i18n } = useTranslation();
  const { language } = i18n;
  const formats = formatsByLanguage.get(language) ?? formatsIn(language, t);
  formatsByLanguage.set(language, formats);
  return formats;
}

type Formats = ReturnType<typeof formatsIn>;
const formatsByLanguage = new Map<string, Formats>();

function formatsIn(language: string, t: TFunction) {
  const format = (iso: string, style: TimeStyle): string => timeFormat(language, style).format(new Date(iso));
  const clock = (iso: string): string => format(iso, "clock");
  const day = (iso: string): string => {
    const ago = daysAgo(iso);
    if (ago === 0) return t("inbox:today");
    if (ago === 1) return t("inbox:yesterday");
    return format(iso, ago < 7 ? "weekday" : "date");
  };
  return {
    clock,
    day,
    /** For lists: the time if it was today, otherwise the day. */
    short: (iso: string): string => {
      const ago = daysAgo(iso);
      if (ago === 0) return clock(iso);
      return ago === 1 ? t("inbox:yesterday") : format(iso, "shortDate");
    },
    full: (iso: string): string => format(iso, "full"),
    money: ({ amount, currency }: Money): string => moneyFormat(language, currency).format(amount),
    size: (bytes: number): string =>
      bytes < 1e6
        ? unitFormat(language, "kilobyte").format(bytes / 1e3)
        : unitFormat(language, "megabyte").format(bytes / 1e6),
  };
}
