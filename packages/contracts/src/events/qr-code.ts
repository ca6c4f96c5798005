import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { Timestamp } from "../vocabulary.ts";

/** WhatsApp issued a QR code. It replaces the previous code. A credential: sent to session managers only. */
export const qrCode = defineEvent("qr_code", {
  sessionId: z.uuid(),
  qrCode: z.string().startsWith("data:image/png;base64,").describe("PNG as a data URL"),
  expiresAt: Timestamp,
  attempt: z.number().int().min(1),
  raw: z.string().optional().describe("the text that the image encodes"),
  timestamp: Timestamp,
});
