import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { PairingCode, Timestamp, WhatsAppNumber } from "../vocabulary.ts";

/** WhatsApp issued a pairing code, to be typed on the phone with this number. It replaces the previous code. A credential. */
export const pairingCode = defineEvent("pairing_code", {
  sessionId: z.uuid(),
  pairingCode: PairingCode,
  phoneNumber: WhatsAppNumber,
  expiresAt: Timestamp,
  attempt: z.number().int().min(1),
  timestamp: Timestamp,
});
