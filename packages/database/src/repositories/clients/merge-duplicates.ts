import type { PollVote } from "@syszap/contracts";
import type { Scope } from "../../sql/query.ts";
import { MessageChangeRepository } from "../messages/message-change-repository.ts";
import { type KeyRow, keyOfRow, type MessageRow } from "../messages/message-row.ts";
import { countsAsUnread } from "../messages/unread-conditions.ts";

/**
 * A received message that is stored in both chats of a merge: the row in the chat that is merged away, and the id of the other
 * row.
 */
type Duplicate = MessageRow &
  KeyRow & {
    kept_id: string;
    kept_wa_chat_id: string;
    /** Whether the unread count of the chat that is merged away includes it. */
    is_unread: boolean;
  };

/** The duplicates of a chat before it is merged into the chat `into`. */
export const findDuplicates = (scope: Scope, chat: { id: string; into: string }): Promise<Duplicate[]> =>
  scope.rows<Duplicate>(
    `with unread as (
       select i.id from messages i where i.company_id = :companyId and i.chat_id = :id and ${countsAsUnread("i")} and i.change is null
       order by i.source_order desc, i.id desc
       limit (select unread_count from chats where company_id = :companyId and id = :id)
     )
     select m.*, k.id as kept_id, ch.wa_chat_id as kept_wa_chat_id, m.id in (select id from unread) as is_unread
     from messages m
       join messages k on k.company_id = m.company_id and k.session_id = m.session_id and k.direction = m.direction
         and k.wa_key = m.wa_key and k.chat_id = :into
       join chats ch on ch.company_id = k.company_id and ch.id = k.chat_id
     where m.company_id = :companyId and m.chat_id = :id order by m.id for update of m`,
    chat,
  );

/**
 * Applies the changes of each duplicate to the row in the surviving chat, which replies and queued operations then refer to, and
 * erases the duplicate: services may not delete messages. Call it after the merge of the chats.
 */
export async function combineDuplicates(scope: Scope, into: string, duplicates: readonly Duplicate[]): Promise<void> {
  if (duplicates.length === 0) return;
  await scope.row(
    `update messages m set
       quoted_message_id = case when m.quoted_message_id = d.gone then d.kept else m.quoted_message_id end,
       changes_message_id = case when m.changes_message_id = d.gone then d.kept else m.changes_message_id end,
       version = m.version + 1
     from unnest(:gone::uuid[], :kept::uuid[]) d (gone, kept)
     where m.company_id = :companyId and m.chat_id = :into and (m.quoted_message_id = d.gone or m.changes_message_id = d.gone)`,
    { into, gone: duplicates.map(({ id }) => id), kept: duplicates.map(({ kept_id }) => kept_id) },
  );
  const changes = new MessageChangeRepository(scope);
  for (const duplicate of duplicates) {
    await applyChangesOf(duplicate, changes);
    await changes.erase(duplicate, new Date());
  }
}

async function applyChangesOf(gone: Duplicate, changes: MessageChangeRepository): Promise<void> {
  const key = { ...keyOfRow(gone), waChatId: gone.kept_wa_chat_id };
  if (gone.revoked_at) {
    await changes.applyRevoke(key, { timestampMs: gone.revoked_at.getTime() });
    return;
  }
  if (gone.edited_at) await changes.applyEdit(key, { body: gone.body, timestampMs: gone.edited_at.getTime() });
  for (const { from, emoji, atMs } of gone.reactions)
    await changes.applyReaction(key, { from, emoji, timestampMs: atMs });
  const votes: PollVote[] = gone.content?.poll?.votes ?? [];
  for (const { from, options, at } of votes)
    await changes.applyVote(key, { from, options, timestampMs: Date.parse(at) });
  if (gone.media_id) await changes.applyMedia(key, { mediaId: gone.media_id });
}
