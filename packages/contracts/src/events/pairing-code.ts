import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { PairingCode, Timestamp, WhatsAppNumber } from "../vocabulary.ts";

/** WhatsApp issued a code to be typed on the phone with this number, or another one in its place. A credential, like a QR code. */
export const pairingCode = defineEvent("pairing_code", {
  sessionId: z.uuid(),
  pairingCode: PairingCode,
  phoneNumber: WhatsAppNumber,
  expiresAt: Timestamp,
  attempt: z.number().int().min(1),
  timestamp: Timestamp,
});
