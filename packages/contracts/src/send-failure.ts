import { z } from "zod";

/**
 * Why something was not sent, by a name that pages have a sentence for in each language. Trying the same again changes nothing
 * about any of them.
 */
export const SendFailure = z.enum([
  // The number.
  "no_whatsapp",
  "blocked",
  // The file.
  "too_large",
  "file_gone",
  "file_refused",
  // The message that was to be answered, changed or deleted.
  "message_gone",
  "edit_too_late",
  "delete_too_late",
  "not_changeable",
  // The session.
  "session_removed",
]);
export type SendFailure = z.infer<typeof SendFailure>;

/** How long WhatsApp lets people edit what they sent (its help pages, "How to edit messages"). */
export const editWindowMs = 15 * 60_000;
/** How long WhatsApp lets people delete for everyone (its help pages: about two days). */
export const deleteWindowMs = 60 * 3_600_000;
