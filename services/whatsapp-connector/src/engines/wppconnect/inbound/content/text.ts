import type { Money } from "@syszap/contracts";

/** The text without white space around it; null if nothing is left. */
export const filled = (text: unknown): string | null => (typeof text === "string" && text.trim()) || null;

/** The lines that are not empty, each once. */
export const linesOf = (...lines: (string | null | undefined)[]): string =>
  [...new Set(lines.map((line) => line?.trim()))].filter(Boolean).join("\n");

/** The body of many kinds is a thumbnail: an image in base64. */
const thumbnailStarts = ["/9j/", "iVBORw0KGgo", "UklGR", "R0lGOD"];

/** The body, unless it is a thumbnail. */
export function textBody(body: string | null | undefined): string | null {
  const text = filled(body);
  return text === null || thumbnailStarts.some((start) => text.startsWith(start)) ? null : text;
}

const latestSeconds = 8_640_000_000_000;

export const isoOfSeconds = (seconds: number | null | undefined): string | null =>
  typeof seconds === "number" && seconds > 0 && seconds <= latestSeconds
    ? new Date(seconds * 1_000).toISOString()
    : null;

/** Returns null for an amount that WhatsApp does not state, which it sends as 0 or leaves out. */
export function moneyOf(value: unknown, offset: number, currency: unknown): Money | null {
  const amount = Number(value);
  if (!amount || !Number.isFinite(amount) || offset <= 0) return null;
  if (typeof currency !== "string" || !/^[A-Z]{3}$/.test(currency)) return null;
  return { amount: amount / offset, currency };
}

/** An amount as Brazilians write it, with plain spaces so that a search finds it. */
export const moneyText = (money: Money | null): string | null =>
  money &&
  new Intl.NumberFormat("pt-BR", { style: "currency", currency: money.currency })
    .format(money.amount)
    .replaceAll("\u00A0", " ");
