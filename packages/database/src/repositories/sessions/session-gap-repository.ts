import type { Scope } from "../../sql/query.ts";
import { holdsLease, type SessionLease } from "./session-lease.ts";

/** The period whose WhatsApp messages may not all have been received. */
export interface Gap {
  /** Null: nothing is missing. */
  missedSince: Date | null;
  /** When the phone was linked; null while none is linked. */
  linkedAt: Date | null;
  /** Whether the chats of the gap are listed, so that `nextChats` returns them. */
  isListed: boolean;
}

/** A chat with messages in the gap, as the engine lists it. */
export interface GapChat {
  chat: string;
  newestMs: number;
  unread: number;
}

/** How far a chat was read, from its newest message backwards. */
export interface ChatProgress {
  chat: string;
  /** Messages before this key are still to be read. Null: reading has not begun. */
  before: string | null;
  /** Unread messages before the key. */
  unread: number;
  reads: number;
  facts: number;
  isDone: boolean;
}

const gapColumns = `s.missed_since as "missedSince", s.linked_at as "linkedAt",
  s.recovery_started_at is not null as "isListed"`;

/** Gaps in what sessions received. A gap stays open until everything in it is stored. */
export class SessionGapRepository {
  constructor(private readonly scope: Scope) {}

  /**
   * Opens a gap, or extends an open one. It starts at the earliest of: the start of the open gap, `from.since`, and
   * `from.overlapMs` before the newest message that WhatsApp reported. Messages that we sent do not count, since they do not show
   * that anything was received. Without a message, the time of the link takes its place. While the chats of a gap are being read,
   * the next gap is opened or extended instead. Undefined when the lease is lost.
   */
  async open(lease: SessionLease, from: { since: Date; overlapMs: number }): Promise<Gap | undefined> {
    return this.scope.row<Gap>(
      `with newest as (
         select max(occurred_at) as at from messages
         where company_id = :companyId and session_id = :sessionId and change is null
           and (direction = 0 or (user_id is null and claimed_generation is null and status is distinct from 'queued'))
       ), start as (
         select least(:since, coalesce(newest.at - :overlapMs * interval '1 millisecond', o.linked_at)) as at
         from newest, whatsapp_sessions o where o.company_id = :companyId and o.id = :sessionId
       )
       update whatsapp_sessions s set
         missed_since = case when s.recovery_started_at is null then least(s.missed_since, start.at) else s.missed_since end,
         missed_again_since = case when s.recovery_started_at is not null then least(s.missed_again_since, start.at) end
       from start
       where s.company_id = :companyId and s.id = :sessionId and ${holdsLease}
       returning ${gapColumns}`,
      { ...lease, ...from },
    );
  }

  /** Undefined when the lease is lost. */
  async read(lease: SessionLease): Promise<Gap | undefined> {
    return this.scope.row<Gap>(
      `select ${gapColumns} from whatsapp_sessions s
       where s.company_id = :companyId and s.id = :sessionId and ${holdsLease}`,
      { ...lease },
    );
  }

  /** Stores the chats of the gap, none of them read. Replaces the chats of an earlier gap that was not read to its end. */
  async list(lease: SessionLease, chats: readonly GapChat[]): Promise<void> {
    await this.scope.row(
      `with fenced as (
         update whatsapp_sessions s set recovery_started_at = clock_timestamp()
         where s.company_id = :companyId and s.id = :sessionId and ${holdsLease} returning s.id
       ), forgotten as (
         delete from session_gap_chats where company_id = :companyId and session_id = :sessionId
           and not chat = any(:chats::text[])
       )
       insert into session_gap_chats (company_id, session_id, chat, newest_at, unread)
       select :companyId, fenced.id, n.chat, to_timestamp(n.newest_ms / 1000.0), n.unread
       from fenced, unnest(:chats::text[], :newest::float8[], :unread::int[]) n (chat, newest_ms, unread)
       on conflict (company_id, session_id, chat) do update set newest_at = excluded.newest_at, unread = excluded.unread,
         before_key = null, reads = 0, facts = 0, is_done = false`,
      {
        ...lease,
        chats: chats.map(({ chat }) => chat),
        newest: chats.map(({ newestMs }) => newestMs),
        unread: chats.map(({ unread }) => unread),
      },
    );
  }

  /** Chats that are not read to their end, those that were read least first, then the newest. */
  nextChats(lease: SessionLease, limit: number): Promise<ChatProgress[]> {
    return this.scope.rows<ChatProgress>(
      `select chat, before_key as before, unread, reads, facts, is_done as "isDone" from session_gap_chats
       where company_id = :companyId and session_id = :sessionId and not is_done
       order by reads, newest_at desc, chat limit :limit`,
      { sessionId: lease.sessionId, limit },
    );
  }

  /** Call it when the facts up to these positions are stored. Does nothing when the lease is lost. */
  async save(lease: SessionLease, progress: readonly ChatProgress[]): Promise<void> {
    await this.scope.row(
      `update session_gap_chats c set before_key = n.before, unread = n.unread, reads = n.reads, facts = n.facts,
         is_done = n."isDone"
       from json_to_recordset(:progress::json) n (chat text, before text, unread int, reads int, facts int, "isDone" boolean)
       where c.company_id = :companyId and c.session_id = :sessionId and c.chat = n.chat and ${holdsLease}`,
      { ...lease, progress: JSON.stringify(progress) },
    );
  }

  /** Records that everything in the gap is stored. A gap that began meanwhile stays open. Does nothing when the lease is lost. */
  async close(lease: SessionLease): Promise<void> {
    await this.scope.row(
      `with closed as (
         update whatsapp_sessions s set missed_since = missed_again_since, missed_again_since = null, recovery_started_at = null
         where s.company_id = :companyId and s.id = :sessionId and ${holdsLease}
           and not exists (select from session_gap_chats o
             where o.company_id = :companyId and o.session_id = :sessionId and not o.is_done)
         returning s.id
       )
       delete from session_gap_chats c using closed where c.company_id = :companyId and c.session_id = closed.id`,
      { ...lease },
    );
  }
}
