import type { Chat } from "@syszap/contracts";
import type { Scope } from "../../sql/query.ts";
import { type ChatRow, chatsOf, toChat } from "../chats/chat-row.ts";
import { MediaRemovalRepository } from "../media/media-removal-repository.ts";
import { countsAsUnread } from "../messages/unread-conditions.ts";

export interface RemovedMessages {
  count: number;
  /** Chats whose last message or unread count has changed. */
  chats: Chat[];
}

/** The oldest time of messages that the company keeps; null: all. */
const keptSince = (column: string) =>
  `(select now() - make_interval(days => c.${column}) from companies c where c.id = :companyId)`;
const isSettled = "m.status is distinct from 'queued'";

/** Removes what the company does not keep any more. Rows that another transaction has locked are left to the next call. */
export class RetentionRepository {
  constructor(private readonly scope: Scope) {}

  /** Messages before this time are not stored any more. Undefined: all are. */
  async messagesSince(): Promise<Date | undefined> {
    const { since } = await this.scope.one<{ since: Date | null }>(
      `select ${keptSince("keep_messages_days")} as since`,
    );
    return since ?? undefined;
  }

  /** Deletes about `limit` expired messages and operations, oldest first, and the rows of files that only they used. */
  async removeMessages(limit: number): Promise<RemovedMessages> {
    const removed = await this.scope.rows<{ chat_id: string; media_id: string | null }>(
      `with since as materialized (select ${keptSince("keep_messages_days")} as at), old_messages as (
         select old.id from whatsapp_sessions s cross join since cross join lateral (
           select m.id from messages m where m.company_id = :companyId and m.session_id = s.id and m.change is null
             and m.occurred_at < since.at and ${isSettled} order by m.occurred_at limit :limit for update skip locked) old
         where s.company_id = :companyId limit :limit
       ), old_operations as (
         select m.id from messages m where m.company_id = :companyId and m.change is not null
           and m.occurred_at < (select at from since) and ${isSettled}
         order by m.occurred_at limit :limit for update skip locked
       ), expired as (
         select id from old_messages union all select id from old_operations
       ), removed as (
         delete from messages m using expired e where m.company_id = :companyId and m.id = e.id
         returning m.chat_id, m.media_id, m.session_id, m.direction, m.wa_key
       ), downloads as (
         delete from media_downloads d using removed r where d.company_id = :companyId and d.session_id = r.session_id
           and d.direction = r.direction and d.wa_key = r.wa_key
       )
       select chat_id, media_id from removed`,
      { limit },
    );
    await this.discard(removed);
    await this.count("retention_messages", removed.length);
    return { count: removed.length, chats: await this.updateChats(removed.map(({ chat_id }) => chat_id)) };
  }

  /** Removes the files of about `limit` messages, oldest first. The messages stay and show that their file has expired. */
  async removeFiles(limit: number): Promise<number> {
    const removed = await this.scope.rows<{ media_id: string }>(
      `with expired as (
         select m.id, m.media_id from messages m where m.company_id = :companyId and m.media_id is not null
           and m.occurred_at < ${keptSince("keep_files_days")} and ${isSettled}
         order by m.occurred_at limit :limit for update skip locked
       )
       update messages m set media_id = null, version = version + 1, updated_at = now(),
         missing_media = jsonb_build_object('state', 'expired', 'reason', 'the company keeps files for a limited time',
           'mimeType', f.mime_type, 'fileName', f.file_name, 'size', f.size, 'limit', null)
       from expired e join media f on f.company_id = :companyId and f.id = e.media_id
       where m.company_id = :companyId and m.id = e.id returning e.media_id`,
      { limit },
    );
    await this.discard(removed);
    await this.count("retention_files", removed.length);
    return removed.length;
  }

  /** Ends the work of one company until the next day. Returns what was removed since the last time. */
  async finish(): Promise<{ messages: number; files: number }> {
    const { messages, files } = await this.scope.one<{ messages: string; files: string }>(
      `with before as (select retention_messages, retention_files from companies where id = :companyId for update)
       update companies set retention_messages = 0, retention_files = 0, retention_leased_until = null,
         retention_checked_at = now() from before
       where id = :companyId returning before.retention_messages as messages, before.retention_files as files`,
    );
    return { messages: Number(messages), files: Number(files) };
  }

  private async discard(removed: readonly { media_id: string | null }[]): Promise<void> {
    const removals = new MediaRemovalRepository(this.scope);
    const ids = new Set(removed.flatMap(({ media_id }) => media_id ?? []));
    for (const id of ids) await removals.discard(id);
  }

  /** Committed with the batch, so that the audit log has the complete number also after a kill. */
  private async count(column: "retention_messages" | "retention_files", removed: number): Promise<void> {
    if (removed === 0) return;
    await this.scope.rows(`update companies set ${column} = ${column} + :removed where id = :companyId`, { removed });
  }

  private async updateChats(ids: readonly string[]): Promise<Chat[]> {
    const remaining = (condition: string) => `(select count(*)::int from messages m
      where m.company_id = c.company_id and m.chat_id = c.id and m.source_order > c.read_order and ${countsAsUnread("m")} ${condition})`;
    const rows = await this.scope.rows<ChatRow>(
      `with changed as (
         update chats c set version = version + 1, updated_at = now(),
           last_message_id = (select m.id from messages m where m.company_id = c.company_id and m.id = c.last_message_id),
           unread_count = case when unread_count = 0 then 0 else least(unread_count, ${remaining("")}) end,
           unread_mentions = case when unread_mentions = 0 then 0 else least(unread_mentions, ${remaining("and m.mentions_us")}) end
         where c.company_id = :companyId and c.id = any(:ids::uuid[]) and (
           (c.last_message_id is not null and not exists (
             select from messages m where m.company_id = c.company_id and m.id = c.last_message_id))
           or (c.unread_count > 0 and c.unread_count > ${remaining("")}))
         returning *
       ) ${chatsOf("changed")}`,
      { ids: [...new Set(ids)].sort() },
    );
    return rows.map(toChat);
  }
}
