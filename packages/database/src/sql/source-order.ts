const timestampDigits = 15;
const generationDigits = 10;
const receiptDigits = 12;

/**
 * A message's place in its chat as plain text, so that databases (collate "C"), pages and browsers sort alike:
 * `<WhatsApp's time in ms, 15 digits>-<lease generation, 10>-<receipt number, 12>`.
 * Rows that we queue use the time of queuing, generation 0 and a sequence as their receipt.
 */
export function sourceOrderOf(place: { timestampMs: number; generation: number; receipt: number }): string {
  return [
    digits(place.timestampMs, timestampDigits),
    digits(place.generation, generationDigits),
    digits(place.receipt, receiptDigits),
  ].join("-");
}

/** Kept to its width even for absurd input, else one such message would sort before all others for ever. */
const digits = (value: number, width: number) => String(Math.min(value, 10 ** width - 1)).padStart(width, "0");

/** SQL for the place of a row that is being queued: by the clock and the sequence of the database, so replicas agree. */
export const queuedSourceOrder = `lpad(floor(extract(epoch from clock_timestamp()) * 1000)::bigint::text, ${timestampDigits}, '0')
  || '-${"0".repeat(generationDigits)}-'
  || lpad((nextval('outbound_receipts') % ${10 ** receiptDigits})::text, ${receiptDigits}, '0')`;
