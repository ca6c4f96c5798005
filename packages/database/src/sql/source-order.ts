const timestampDigits = 15;
const generationDigits = 10;
const receiptDigits = 12;

/**
 * Sort key of a message within its chat, as text that databases (collate "C") and browsers sort alike:
 * `<WhatsApp's time in ms, 15 digits>-<lease generation, 10>-<receipt number, 12>`.
 * Queued messages use the time of queuing, generation 0, and a sequence as the receipt number.
 */
export function sourceOrderOf(position: { timestampMs: number; generation: number; receipt: number }): string {
  return [
    digits(position.timestampMs, timestampDigits),
    digits(position.generation, generationDigits),
    digits(position.receipt, receiptDigits),
  ].join("-");
}

/** Sorts before all messages of this time, and after those of earlier times. */
export const timePrefixOf = (timestampMs: number): string => digits(Math.max(0, timestampMs), timestampDigits);

/** Sorts after all messages of this time. */
export const lastOrderAt = (timestampMs: number): string =>
  sourceOrderOf({
    timestampMs,
    generation: Number.MAX_SAFE_INTEGER,
    receipt: Number.MAX_SAFE_INTEGER,
  });

/** Limits the value to the width of its field: a longer text would sort before all others. */
const digits = (value: number, width: number) => String(Math.min(value, 10 ** width - 1)).padStart(width, "0");

/** SQL for the source order of a message that is being queued. Uses the clock and a sequence of the database, so all processes agree. */
export const queuedSourceOrder = `lpad(floor(extract(epoch from clock_timestamp()) * 1000)::bigint::text, ${timestampDigits}, '0')
  || '-${"0".repeat(generationDigits)}-'
  || lpad((nextval('outbound_receipts') % ${10 ** receiptDigits})::text, ${receiptDigits}, '0')`;
