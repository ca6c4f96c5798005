import { isReached } from "../../sql/query.ts";
import { countsAsUnread } from "../messages/unread-conditions.ts";

/** Bounds the messages that are read of a chat that nobody has ever read or answered. */
const maxCountedBack = 1_000;

const unreadOf = (more = "") =>
  `select m.occurred_at from messages m
   where m.company_id = ch.company_id and m.chat_id = ch.id and m.change is null and ${countsAsUnread("m")} ${more}`;

/**
 * Chats with clients that have unread messages, and the time of the oldest of these messages. Without an earlier answer or reading, the
 * messages are counted back from the newest one: older ones may be history from before the number was linked, which is not unread.
 */
export const waitingChats = `
  select count(*)::int as chats, min(case when ch.read_order <> ''
      then (${unreadOf("and m.source_order > ch.read_order")} order by m.source_order, m.id limit 1)
      else (${unreadOf()} order by m.source_order desc, m.id desc offset least(ch.unread_count, ${maxCountedBack}) - 1 limit 1)
    end) as since
  from chats ch
  where ch.company_id = :companyId and ch.unread_count > 0 and ch.merged_into is null and ch.client_id is not null
    and ${isReached("ch.session_id")}`;
