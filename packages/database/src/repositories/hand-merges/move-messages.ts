import { chatIdOf } from "../../sql/chat-ids.ts";
import type { Scope } from "../../sql/query.ts";
import { countsAsUnread, isNote } from "../messages/unread-conditions.ts";

export interface MessageMove {
  from: string;
  to: string;
  /** From `addressOf`. */
  addresses: readonly string[];
  /** Only messages that were stored since. */
  storedSince?: Date;
  /** Only messages from this time on, and with them those of which no address is stored. */
  writtenSince?: Date;
}

/**
 * Moves messages of one client to the chats of another, by the address from which they came. Unread messages stay unread. Creates
 * missing chats. Returns the ids of all chats that changed. The caller must hold the locks of both clients.
 */
export async function moveMessages(scope: Scope, move: MessageMove): Promise<string[]> {
  const bindings = {
    from: move.from,
    to: move.to,
    addresses: [...move.addresses],
    storedSince: move.storedSince ?? null,
    writtenSince: move.writtenSince ?? null,
  };
  const sources = await scope.rows<{ id: string }>(
    `select ch.id from chats ch
     where ch.company_id = :companyId and ch.client_id = :from and ch.merged_into is null and exists (
       select from messages m where m.company_id = :companyId and m.chat_id = ch.id and ${isMoved})
     order by ch.id for update of ch`,
    bindings,
  );
  const changed = new Set<string>();
  for (const { id } of sources) {
    const target = await openTarget(scope, { ...bindings, id });
    await scope.row(
      `with unread as (
         select i.id, i.address, i.created_at, i.occurred_at from messages i
         where i.company_id = :companyId and i.chat_id = :id and ${countsAsUnread("i")} and i.change is null
         order by i.source_order desc, i.id desc
         limit (select unread_count from chats where company_id = :companyId and id = :id)
       ), moved_unread as (
         select count(*)::int as count from unread m where ${isMoved}
       ), moved as (
         update messages m set chat_id = :target, version = version + 1
         where m.company_id = :companyId and m.chat_id = :id and ${isMoved}
       )
       update chats c set unread_count = c.unread_count + case when c.id = :target then 1 else -1 end * moved_unread.count
       from moved_unread where c.company_id = :companyId and c.id in (:id, :target)`,
      { ...bindings, id, target },
    );
    await refreshLast(scope, [id, target]);
    changed.add(id).add(target);
  }
  return [...changed];
}

const isMoved = `(:storedSince::timestamptz is null or m.created_at >= :storedSince::timestamptz)
  and (:writtenSince::timestamptz is null or m.occurred_at >= :writtenSince::timestamptz)
  and (m.address = any(:addresses::text[]) or (m.address is null and :writtenSince::timestamptz is not null))`;

async function openTarget(scope: Scope, bindings: Record<string, unknown> & { id: string }): Promise<string> {
  const { id } = await scope.one<{ id: string }>(
    `insert into chats as c (company_id, session_id, client_id, wa_chat_id, read_order)
     select :companyId, s.session_id, :to, ${chatIdOf("split_part(a.address, ':', 1)", "split_part(a.address, ':', 2)")}, s.read_order
     from chats s cross join lateral (
       select coalesce((select m.address from messages m where m.company_id = :companyId and m.chat_id = s.id
         and m.address = any(:addresses::text[]) order by m.source_order desc limit 1), (:addresses::text[])[1]) as address
     ) a
     where s.company_id = :companyId and s.id = :id
     on conflict (company_id, session_id, client_id) do update set version = c.version + 1
     returning c.id`,
    bindings as never,
  );
  return id;
}

/** Sets the last message of chats anew. */
export async function refreshLast(scope: Scope, ids: readonly string[]): Promise<void> {
  await scope.row(
    `update chats c set last_message_id = newest.id, last_message_order = coalesce(newest.source_order, ''),
       version = c.version + 1, updated_at = now()
     from chats o left join lateral (
       select m.id, m.source_order from messages m where m.company_id = :companyId and m.chat_id = o.id and m.change is null and not ${isNote("m")}
       order by m.source_order desc, m.id desc limit 1
     ) newest on true
     where o.company_id = :companyId and o.id = any(:ids::uuid[]) and c.company_id = o.company_id and c.id = o.id`,
    { ids: [...ids] },
  );
}

/** Where answers go: a chat whose address belongs to another client now gets the client's newest own one. */
export async function correctAddresses(scope: Scope, clientId: string): Promise<void> {
  await scope.row(
    `update chats ch set wa_chat_id = ${chatIdOf("own.kind", "own.value")}
     from (
       select kind, value from client_identities where company_id = :companyId and client_id = :clientId
       order by seen_at desc nulls last, kind limit 1
     ) own
     where ch.company_id = :companyId and ch.client_id = :clientId and ch.merged_into is null and exists (
       select from client_identities i where i.company_id = :companyId and i.client_id <> :clientId
         and i.value = split_part(ch.wa_chat_id, '@', 1)
         and i.kind = case split_part(ch.wa_chat_id, '@', 2) when 'lid' then 'lid' else 'phone' end)`,
    { clientId },
  );
  await scope.row(
    `update clients c set whatsapp_number = coalesce((
         select e.reported from client_evidence e join client_identities i on i.company_id = e.company_id and i.kind = e.kind
           and i.value = e.value and i.client_id = e.client_id
         where e.company_id = :companyId and e.client_id = :clientId and e.kind = 'phone' order by e.last_at desc limit 1), '')
     where c.company_id = :companyId and c.id = :clientId and not exists (
       select from client_identities i where i.company_id = :companyId and i.client_id = :clientId and i.kind = 'phone'
         and i.value = c.whatsapp_number)`,
    { clientId },
  );
}
