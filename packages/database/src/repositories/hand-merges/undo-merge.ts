import type { Scope } from "../../sql/query.ts";
import { countsAsUnread } from "../messages/unread-conditions.ts";
import { correctAddresses, moveMessages, refreshLast } from "./move-messages.ts";

interface ChatState {
  id: string;
  unread_count: number;
  read_order: string;
  wa_chat_id: string;
}
/** Both clients as they were before a merge. */
export interface MergeState {
  kept: Record<string, unknown>;
  gone: Record<string, unknown>;
  identities: { kind: string; value: string }[];
  /** LIDs of `kept`. */
  keptLids: string[];
  keptEvidence: { kind: string; value: string }[];
  /** Clients that were merged into `gone` before. */
  heirs: string[];
  /** `into`: the chat that takes in the messages, as it was; null if the chat moved as it is. */
  chats: (ChatState & { into: ChatState | null })[];
}

const chatState = (row: string) =>
  `jsonb_build_object('id', ${row}.id, 'unread_count', ${row}.unread_count, 'read_order', ${row}.read_order, 'wa_chat_id', ${row}.wa_chat_id)`;

export async function readState(scope: Scope, both: { kept: string; gone: string }): Promise<MergeState> {
  const { state } = await scope.one<{ state: MergeState }>(
    `select jsonb_build_object(
       'kept', (select to_jsonb(c) from clients c where company_id = :companyId and id = :kept),
       'gone', (select to_jsonb(c) from clients c where company_id = :companyId and id = :gone),
       'identities', (select coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'value', value)), '[]')
         from client_identities where company_id = :companyId and client_id = :gone),
       'keptLids', (select coalesce(jsonb_agg(value), '[]') from client_identities
         where company_id = :companyId and client_id = :kept and kind = 'lid'),
       'keptEvidence', (select coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'value', value)), '[]')
         from client_evidence where company_id = :companyId and client_id = :kept),
       'heirs', (select coalesce(jsonb_agg(id), '[]') from clients where company_id = :companyId and merged_into = :gone),
       'chats', (select coalesce(jsonb_agg(${chatState("ch")} || jsonb_build_object('into',
           case when o.id is not null then ${chatState("o")} end)), '[]')
         from chats ch left join chats o on o.company_id = ch.company_id and o.session_id = ch.session_id
           and o.client_id = :kept and o.merged_into is null
         where ch.company_id = :companyId and ch.client_id = :gone and ch.merged_into is null)
     ) as state`,
    both,
  );
  return state;
}

export interface MergeToUndo {
  id: string;
  kept: string;
  gone: string;
  mergedAt: Date;
  before: MergeState;
}

/**
 * Gives `gone` back what it had. What arrived since the merge goes to the client from whose address it came. The caller must hold the
 * locks of both clients. Returns the ids of the chats that changed.
 */
export async function undoMerge(scope: Scope, merge: MergeToUndo): Promise<string[]> {
  const { kept, gone, before, mergedAt } = merge;
  const identities = await returnIdentities(scope, merge);
  await restoreClient(scope, gone, before.gone, before.heirs);
  await restoreClient(scope, kept, before.kept, []);
  const changed = new Set<string>();
  for (const chat of before.chats) {
    if (chat.into) await returnMessages(scope, merge, { ...chat, into: chat.into });
    else
      await scope.row(
        "update chats set client_id = :gone, version = version + 1 where company_id = :companyId and id = :id and client_id = :kept",
        { gone, kept, id: chat.id },
      );
    changed.add(chat.id);
    if (chat.into) changed.add(chat.into.id);
  }
  const own = await scope.rows<{ address: string }>(
    "select kind || ':' || value as address from client_identities where company_id = :companyId and client_id = :kept",
    { kept },
  );
  const toGone = { from: kept, to: gone, addresses: identities, storedSince: mergedAt };
  const toKept = { from: gone, to: kept, addresses: own.map(({ address }) => address), storedSince: mergedAt };
  for (const move of [toGone, toKept]) for (const id of await moveMessages(scope, move)) changed.add(id);
  for (const chat of before.chats) if (chat.into) await restoreUnread(scope, mergedAt, chat, chat.into);
  await refreshLast(scope, [...changed]);
  for (const clientId of [kept, gone]) {
    await correctAddresses(scope, clientId);
    await scope.row(lastContact, { clientId });
  }
  return [...changed];
}

/**
 * Also identities that were named with one of them since, such as a new number of the client; but not a number that was named with
 * a LID of `kept` since. Returns their addresses.
 */
async function returnIdentities(scope: Scope, { kept, gone, before }: MergeToUndo): Promise<string[]> {
  const rows = await scope.rows<{ address: string }>(
    `with old as (
       select * from jsonb_to_recordset(:identities::jsonb) o (kind text, value text)
     ), lids as (
       select value from old where kind = 'lid'
       union select i.lid from client_identities i join old using (kind, value)
         where i.company_id = :companyId and i.client_id = :kept and i.kind = 'phone' and i.lid <> all(:keptLids::text[])
     )
     update client_identities i set client_id = :gone
     where i.company_id = :companyId and i.client_id = :kept and (
       (exists (select from old o where o.kind = i.kind and o.value = i.value)
         and (i.lid is null or i.lid <> all(:keptLids::text[])))
       or (i.kind = 'lid' and i.value in (select value from lids))
       or (i.kind = 'phone' and i.lid in (select value from lids)))
     returning i.kind || ':' || i.value as address`,
    { kept, gone, keptLids: before.keptLids, identities: JSON.stringify(before.identities) },
  );
  const addresses = rows.map(({ address }) => address);
  await scope.row(
    `insert into client_evidence as e (company_id, client_id, kind, value, reported, first_at, last_at)
     select company_id, :gone, kind, value, reported, first_at, last_at from client_evidence
     where company_id = :companyId and client_id = :kept and kind || ':' || value = any(:addresses::text[])
     on conflict (company_id, client_id, kind, value) do update set last_at = greatest(e.last_at, excluded.last_at)`,
    { kept, gone, addresses },
  );
  await scope.row(
    `delete from client_evidence k where k.company_id = :companyId and k.client_id = :kept
       and exists (select from client_evidence g where g.company_id = k.company_id and g.client_id = :gone
         and g.kind = k.kind and g.value = k.value)
       and not exists (select from jsonb_to_recordset(:own::jsonb) o (kind text, value text)
         where o.kind = k.kind and o.value = k.value)`,
    { kept, gone, own: JSON.stringify(before.keptEvidence) },
  );
  return addresses;
}

async function restoreClient(
  scope: Scope,
  id: string,
  state: Record<string, unknown>,
  heirs: readonly string[],
): Promise<void> {
  await scope.row(
    `update clients c set name = s.name, name_at = s.name_at, picture_media_id = s.picture_media_id, picture_at = s.picture_at,
       username = s.username, username_at = s.username_at, last_contact_at = s.last_contact_at, registered_at = s.registered_at,
       whatsapp_number = s.whatsapp_number, merged_into = null, version = c.version + 1, updated_at = now()
     from jsonb_populate_record(null::clients, :state::jsonb) s
     where c.company_id = :companyId and c.id = :id`,
    { id, state: JSON.stringify(state) },
  );
  await scope.row("update clients set merged_into = :id where company_id = :companyId and id = any(:heirs::uuid[])", {
    id,
    heirs: [...heirs],
  });
}

async function returnMessages(
  scope: Scope,
  { id: mergeId }: MergeToUndo,
  { id, into }: { id: string; into: ChatState },
): Promise<void> {
  await scope.row(
    `update messages m set chat_id = :id, version = m.version + 1 from merged_messages moved, chats ch
     where m.company_id = :companyId and m.chat_id = :into and moved.company_id = m.company_id and moved.merge_id = :mergeId
       and moved.message_id = m.id and ch.company_id = m.company_id and ch.id = :id and ch.session_id = m.session_id`,
    { id, into: into.id, mergeId },
  );
  await scope.row("update chats set merged_into = null where company_id = :companyId and id = :id", { id });
}

/** If the merged chat was read since, both are read up to there. */
async function restoreUnread(scope: Scope, mergedAt: Date, gone: ChatState, kept: ChatState): Promise<void> {
  await scope.row(
    `with current as (
       select read_order, read_order > greatest(:goneRead, :keptRead) as is_read from chats
       where company_id = :companyId and id = :kept
     ), was as (
       select * from (values (:gone::uuid, :goneUnread::int, :goneRead), (:kept::uuid, :keptUnread::int, :keptRead))
         w (id, unread, read_order)
     )
     update chats c set
       read_order = case when current.is_read then current.read_order else was.read_order end,
       unread_count = least(
         was.unread + (select count(*) from messages m where m.company_id = c.company_id and m.chat_id = c.id and ${countsAsUnread("m")}
           and m.change is null and m.created_at >= :mergedAt and m.source_order > current.read_order),
         (select count(*) from messages m where m.company_id = c.company_id and m.chat_id = c.id and ${countsAsUnread("m")}
           and m.change is null and (not current.is_read or m.source_order > current.read_order)))
     from current, was where c.company_id = :companyId and c.id = was.id`,
    {
      mergedAt,
      gone: gone.id,
      goneUnread: gone.unread_count,
      goneRead: gone.read_order,
      kept: kept.id,
      keptUnread: kept.unread_count,
      keptRead: kept.read_order,
    },
  );
}

const lastContact = `
  update clients c set last_contact_at = greatest(c.last_contact_at, (
    select max(m.occurred_at) from chats ch join messages m on m.company_id = ch.company_id and m.id = ch.last_message_id
    where ch.company_id = :companyId and ch.client_id = :clientId and ch.merged_into is null))
  where c.company_id = :companyId and c.id = :clientId`;
