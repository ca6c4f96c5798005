import type { Scope } from "../../sql/query.ts";
import { countsAsUnread, isNote } from "../messages/unread-conditions.ts";
import { combineDuplicates, findDuplicates } from "./merge-duplicates.ts";

/** Two clients that proved to be the same contact: `gone` is merged into `kept`. */
export interface Merge {
  kept: string;
  gone: string;
}
/** The rows for which events must be published after a merge. */
export interface Merged {
  /** `wasShown`: the client was registered, so pages show it. */
  client: { id: string; into: string; wasShown: boolean };
  /**
   * The chats of the client that is gone. `into` is null for a chat that moved as it is, else the chat of the same session that
   * took it in.
   */
  chats: { id: string; into: string | null }[];
}

/**
 * Moves everything of `gone` to `kept`: identities, chats, messages and unread counts. The newest name, picture and last contact
 * win. The row of `gone` stays, but in no list. Message ids do not change, and a message of both stays once. The caller must hold the
 * locks of both rows. `mergeId`: a merge by hand, which can be undone; it records the messages that it moves.
 */
export async function mergeClients(scope: Scope, { kept, gone }: Merge, mergeId?: string): Promise<Merged> {
  const both = { kept, gone };
  await scope.row(
    "update client_identities set client_id = :kept where company_id = :companyId and client_id = :gone",
    both,
  );
  await scope.row(
    `insert into client_evidence as e (company_id, client_id, kind, value, reported, first_at, last_at)
     select company_id, :kept, kind, value, reported, first_at, last_at from client_evidence
     where company_id = :companyId and client_id = :gone
     on conflict (company_id, client_id, kind, value) do update set
       first_at = least(e.first_at, excluded.first_at), last_at = greatest(e.last_at, excluded.last_at)`,
    both,
  );
  await scope.row(
    `insert into client_separations (company_id, one, other)
     select company_id, least(:kept::uuid, n.other), greatest(:kept::uuid, n.other) from (
       select company_id, case when one = :gone then other else one end as other from client_separations
       where company_id = :companyId and (one = :gone or other = :gone)
     ) n where n.other <> :kept on conflict do nothing`,
    both,
  );
  await scope.row("update clients set merged_into = :kept where company_id = :companyId and merged_into = :gone", both);
  const { was_shown } = await scope.one<{ was_shown: boolean }>(takeOver, both);
  const chats = await scope.rows<{ id: string; into: string | null }>(chatsOfGone, both);
  for (const chat of chats) {
    if (chat.into === null) await scope.row(moveChat, { ...both, id: chat.id });
    else await absorbChat(scope, { id: chat.id, into: chat.into }, mergeId);
  }
  return { client: { id: gone, into: kept, wasShown: was_shown }, chats };
}

const takeOver = `
  with old as (
    update clients set merged_into = :kept, registered_at = null, version = version + 1, updated_at = now()
    where company_id = :companyId and id = :gone 
    returning name, name_at, picture_media_id, picture_at, last_contact_at, whatsapp_number, username, username_at
  ), was as (
    select registered_at from clients where company_id = :companyId and id = :gone
  )
  update clients c set
    name = case when c.name is null or old.name_at > c.name_at then coalesce(old.name, c.name) else c.name end,
    name_at = greatest(c.name_at, old.name_at),
    picture_media_id = case when c.picture_at is null or old.picture_at > c.picture_at
      then old.picture_media_id else c.picture_media_id end,
    picture_at = greatest(c.picture_at, old.picture_at),
    whatsapp_number = case when c.whatsapp_number = '' then old.whatsapp_number else c.whatsapp_number end,
    username = case when c.username is null or old.username_at > c.username_at
      then coalesce(old.username, c.username) else c.username end,
    username_at = greatest(c.username_at, old.username_at),
    last_contact_at = greatest(c.last_contact_at, old.last_contact_at),
    registered_at = least(c.registered_at, was.registered_at),
    version = c.version + 1, updated_at = now()
  from old, was where c.company_id = :companyId and c.id = :kept
  returning was.registered_at is not null as was_shown`;

/** `into` is the chat of the client that stays, where both clients had a chat in the same session. */
const chatsOfGone = `
  select ch.id, other.id as into from chats ch
    left join chats other on other.company_id = ch.company_id and other.session_id = ch.session_id
      and other.client_id = :kept and other.merged_into is null
  where ch.company_id = :companyId and ch.client_id = :gone and ch.merged_into is null
  order by ch.id for update of ch`;

const moveChat = `
  update chats set client_id = :kept, version = version + 1, updated_at = now()
  where company_id = :companyId and id = :id`;

async function absorbChat(scope: Scope, chat: { id: string; into: string }, mergeId?: string): Promise<void> {
  const duplicates = await findDuplicates(scope, chat);
  if (mergeId !== undefined) {
    await scope.row(
      `insert into merged_messages (company_id, merge_id, message_id) select :companyId, :mergeId, id from messages
       where company_id = :companyId and chat_id = :id and not id = any(:duplicates::uuid[])`,
      { ...chat, mergeId, duplicates: duplicates.map(({ id }) => id) },
    );
  }
  await scope.row(
    `update messages set chat_id = :into, version = version + 1
     where company_id = :companyId and chat_id = :id and not id = any(:duplicates::uuid[])`,
    { ...chat, duplicates: duplicates.map(({ id }) => id) },
  );
  await scope.row(
    `with was as (
       select unread_count, read_order from chats where company_id = :companyId and id = :id
     ), old as (
       update chats set merged_into = :into, unread_count = 0, version = version + 1, updated_at = now()
       where company_id = :companyId and id = :id
     ), newest as (
       select m.id, m.source_order from messages m where m.company_id = :companyId and m.chat_id = :into and m.change is null
         and not ${isNote("m")}
       order by m.source_order desc, m.id desc limit 1
     )
     update chats c set
       read_order = greatest(c.read_order, was.read_order),
       unread_count = least(c.unread_count + was.unread_count - :unreadTwice::int, (
         select count(*) from messages m where m.company_id = :companyId and m.chat_id = :into and ${countsAsUnread("m")}
           and m.change is null and m.source_order > greatest(c.read_order, was.read_order))),
       last_message_id = case when newest.source_order > c.last_message_order then newest.id else c.last_message_id end,
       last_message_order = greatest(c.last_message_order, newest.source_order),
       version = c.version + 1, updated_at = now()
     from was left join newest on true where c.company_id = :companyId and c.id = :into`,
    { ...chat, unreadTwice: duplicates.filter((duplicate) => duplicate.is_unread).length },
  );
  // A merge by hand leaves them where they are, out of sight, so that undoing it finds them unchanged.
  if (mergeId === undefined) await combineDuplicates(scope, chat.into, duplicates);
}
