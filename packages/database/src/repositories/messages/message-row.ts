import type { Direction, Message, MissingFile } from "@syszap/contracts";
import { type MessageRow, previewLength } from "../../rows/rows.ts";
import type { Scope } from "../../sql/query.ts";
import { toStorableText } from "../../sql/storable-text.ts";

/** Names a message as WhatsApp does: its bare key id, without the chat, which a LID migration changes. */
export interface MessageKey {
  sessionId: string;
  direction: Direction;
  waKey: string;
}
/** `absent`: the message is not stored (yet). `undefined`: it is, and nothing changed. */
export type Change = Message | undefined | "absent";

/** Messages with their files and what they answer, from the messages that `source` names. */
export const messagesOf = (source: string): string => `
  select m.*, f.mime_type as media_mime_type, f.file_name as media_file_name, f.size as media_size,
    a.direction as quoted_direction, a.type as quoted_type, left(a.body, ${previewLength}) as quoted_body
  from ${source} m left join media f on f.company_id = m.company_id and f.id = m.media_id
    left join messages a on a.company_id = m.company_id and a.id = m.quoted_message_id`;

/** Every place of a message in SQL: one row, by the unique key. */
const whereMessageKey =
  "company_id = :companyId and session_id = :sessionId and direction = :direction and wa_key = :waKey";

/** The message as it is, locked until the transaction ends, so that what is read is what gets changed. */
export async function lockMessage(scope: Scope, key: MessageKey): Promise<MessageRow | undefined> {
  const [row] = await scope.prepared.rows<MessageRow>(`select * from messages where ${whereMessageKey} for update`, {
    companyId: scope.companyId,
    sessionId: key.sessionId,
    direction: key.direction,
    waKey: key.waKey,
  });
  return row;
}

export const storableMissing = (missing: MissingFile): MissingFile => ({
  ...missing,
  reason: toStorableText(missing.reason),
  mimeType: toStorableText(missing.mimeType),
  fileName: missing.fileName && toStorableText(missing.fileName),
});
