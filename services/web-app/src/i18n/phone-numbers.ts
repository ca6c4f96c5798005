import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";

type Format = (digits: string) => string;

/** Set when the numbering plans (150 KB) are loaded, which the first component that shows a number requests. */
let international: Format | undefined;
let isLoading = false;
const listeners = new Set<() => void>();

async function load(): Promise<void> {
  const { parsePhoneNumberFromString } = await import("libphonenumber-js/min");
  international = (digits) => parsePhoneNumberFromString(`+${digits}`)?.formatInternational() ?? `+${digits}`;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (!isLoading) {
    isLoading = true;
    load().catch(() => {
      isLoading = false; // the next component tries again
    });
  }
  return () => listeners.delete(listener);
}

/** `+55 11 98765-4321` for Brazilian numbers; others as their country writes them, or as digits until the plans are loaded. */
function formatNumber(digits: string): string {
  const brazilian = /^55(\d{2})(\d{4,5})(\d{4})$/.exec(digits);
  if (brazilian) return `+55 ${brazilian[1]} ${brazilian[2]}-${brazilian[3]}`;
  return international?.(digits) ?? `+${digits}`;
}

/** Returns the function that formats numbers, also hidden ones (null). Renders again when it knows more. */
export function useNumberFormat(): (digits: string | null) => string {
  const { t } = useTranslation();
  useSyncExternalStore(subscribe, () => international);
  return (digits) => (digits === null ? t("clients:hiddenNumber") : formatNumber(digits));
}
