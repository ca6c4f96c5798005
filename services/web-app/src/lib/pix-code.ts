import type { Payment } from "@syszap/contracts";

/** Longest texts that the Central Bank of Brazil allows in a BR Code. */
const maxNameLength = 25;
const maxFieldLength = 99;
/** A code needs the city of the payee, which WhatsApp does not report. */
const city = "BRASIL";

/** A field of an EMV QR code: number, length, value. */
const field = (id: string, value: string) => `${id}${String(value.length).padStart(2, "0")}${value}`;

/** Banks accept plain Latin letters only. */
const plain = (text: string) =>
  text
    .normalize("NFD")
    .replaceAll(/[^\x20-\x7e]/g, "")
    .trim();

/** CRC-16/CCITT-FALSE, with which every BR Code ends. */
function checksum(text: string): string {
  let crc = 0xffff;
  for (const char of text) {
    crc ^= char.charCodeAt(0) << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021) & 0xffff;
  }
  return crc.toString(16).toUpperCase().padStart(4, "0");
}

/**
 * Returns the text that a bank app reads from a QR code (BR Code): the payment's own, or a static one for its Pix key. Undefined if
 * the payment has neither, or the key does not fit.
 */
export function pixCodeOf({ pixCode, pixKey, payee, total }: Payment): string | undefined {
  if (pixCode !== null) return pixCode;
  const account = field("00", "br.gov.bcb.pix") + field("01", plain(pixKey ?? ""));
  if (pixKey === null || account.length > maxFieldLength || (total && total.currency !== "BRL")) return undefined;
  const code = [
    field("00", "01"),
    field("26", account),
    field("52", "0000"),
    field("53", "986"),
    total ? field("54", total.amount.toFixed(2)) : "",
    field("58", "BR"),
    field("59", plain(payee ?? "").slice(0, maxNameLength) || "Pix"),
    field("60", city),
    field("62", field("05", "***")),
    "6304",
  ].join("");
  return code + checksum(code);
}
