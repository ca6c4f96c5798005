import { lockNames } from "../../sql/locks.ts";
import type { Scope } from "../../sql/query.ts";
import {
  type ContactIds,
  type Evidence,
  type Identity,
  identitiesOf,
  isEmpty,
  type KnownIdentity,
  keyOf,
  type Plan,
  planFor,
} from "./identity-plan.ts";
import { type Merged, mergeClients } from "./merge-clients.ts";

/** A client whose number belongs to another client now, and its chats that have another address since. */
export interface NumberLost {
  loser: string;
  chats: string[];
}
/** A change of clients other than those of the contacts, for which events must be published. */
export type IdentityChange = Merged | NumberLost;
export type OnIdentityChange = (change: IdentityChange) => void;

/**
 * Returns the client id of each contact, in the order given. Creates missing clients, moves numbers to their new owners, and merges
 * two clients when the phone number and the LID of a contact lead to different ones that are one person. Before it adds identities
 * it locks all identities of the batch, in sorted order.
 */
export async function resolveClients(
  scope: Scope,
  contacts: readonly ContactIds[],
  onChange: OnIdentityChange,
): Promise<string[]> {
  const wanted = contacts.flatMap((contact) => [
    ...identitiesOf(contact),
    { kind: "lid" as const, value: contact.number },
  ]);
  let known = await findHolders(scope, wanted);
  let { plan, ids } = planFor(contacts, known);
  if (isEmpty(plan)) return ids;
  lockNames(
    scope,
    wanted.map((identity) => ["client", scope.companyId, keyOf(identity)]),
  );
  known = await findHolders(scope, wanted);
  ({ plan, ids } = planFor(contacts, known));
  write(scope, plan);
  const others = [...plan.merges.map(({ gone }) => gone), ...plan.lost.map(({ clientId }) => clientId)];
  const created = new Set(plan.clients.map(({ id }) => id));
  const renumbered = plan.identities.flatMap((identity) => {
    const isKnown = known.get(keyOf(identity))?.holder.clientId === identity.clientId;
    return identity.kind === "lid" || isKnown || created.has(identity.clientId) ? [] : identity.clientId;
  });
  if (others.length + renumbered.length === 0) return ids;
  await lockClientRows(scope, [...ids, ...others]);
  for (const lost of await takeNumbers(scope, plan)) onChange(lost);
  for (const each of plan.merges) onChange(await mergeClients(scope, each));
  refreshOtherNames(scope, [...renumbered, ...others, ...plan.merges.map(({ kept }) => kept)]);
  return ids;
}

/** The current identities of a client's row. */
export interface OwnIdentities {
  lids: string[];
  phones: string[];
}

/**
 * Locks in the order of ids, so that two batches cannot deadlock. `for no key update` does not block inserts of rows that refer to
 * a client, such as a new chat.
 */
export function lockClientRows<Row>(scope: Scope, ids: readonly string[]): Promise<(Row & OwnIdentities)[]> {
  return scope.prepared.rows<Row & OwnIdentities>(
    `select c.*, ${valuesOf("lid", "c.id")} as lids, ${valuesOf("phone", "c.id")} as phones
     from clients c where company_id = :companyId and id = any(:ids::uuid[]) order by id for no key update`,
    { ids: [...new Set(ids)] },
  );
}

const valuesOf = (kind: Identity["kind"], client: string) =>
  `array(select o.value from client_identities o where o.company_id = :companyId and o.kind = '${kind}' and o.client_id = ${client})`;

interface HolderRow extends Identity {
  client_id: string;
  has_phone: boolean;
  lids: string[];
  apart: string[];
  seen_at: Date | null;
  lid: string | null;
}

async function findHolders(scope: Scope, wanted: readonly Identity[]): Promise<Map<string, KnownIdentity>> {
  const rows = await scope.prepared.rows<HolderRow>(
    // An identity that was added while its client was being merged away leads to the client that took over.
    `select i.kind, i.value, i.seen_at, i.lid, coalesce(c.merged_into, i.client_id) as client_id,
       exists (select from client_identities o where o.company_id = :companyId and o.kind = 'phone'
         and o.client_id = coalesce(c.merged_into, i.client_id)) as has_phone,
       ${valuesOf("lid", "coalesce(c.merged_into, i.client_id)")} as lids,
       array(select case when s.one = i.client_id then s.other else s.one end from client_separations s
         where s.company_id = :companyId and (s.one = i.client_id or s.other = i.client_id)) as apart
     from unnest(:kinds::text[], :values::text[]) wanted (kind, value)
     join client_identities i on i.company_id = :companyId and i.kind = wanted.kind and i.value = wanted.value
     join clients c on c.company_id = i.company_id and c.id = i.client_id`,
    {
      kinds: wanted.map(({ kind }) => kind),
      values: wanted.map(({ value }) => value),
    },
  );
  return new Map(
    rows.map((row) => {
      const holder = { clientId: row.client_id, hasPhone: row.has_phone, lids: row.lids, apart: row.apart };
      return [keyOf(row), { holder, seenAt: row.seen_at, lid: row.lid }];
    }),
  );
}

function write(scope: Scope, { clients, identities, evidence }: Plan): void {
  scope.prepared.send(
    `with added as (
       insert into clients (company_id, id, whatsapp_number)
       select :companyId, id, number from unnest(:ids::uuid[], :numbers::text[]) new (id, number)
     )
     insert into client_identities as i (company_id, kind, value, client_id, lid, seen_at)
     select distinct on (kind, value) :companyId, kind, value, client_id, lid, seen_at
     from unnest(:kinds::text[], :values::text[], :clientIds::uuid[], :lids::text[], :seen::timestamptz[])
       with ordinality n (kind, value, client_id, lid, seen_at, place)
     order by kind, value, place desc
     on conflict (company_id, kind, value) do update set client_id = excluded.client_id, seen_at = excluded.seen_at,
       lid = case when i.client_id = excluded.client_id then coalesce(excluded.lid, i.lid) else excluded.lid end`,
    {
      ids: clients.map(({ id }) => id),
      numbers: clients.map(({ number }) => number),
      kinds: identities.map(({ kind }) => kind),
      values: identities.map(({ value }) => value),
      clientIds: identities.map(({ clientId }) => clientId),
      lids: identities.map(({ lid }) => lid),
      seen: identities.map(({ seenAt }) => seenAt),
    },
  );
  writeEvidence(scope, evidence);
}

export function writeEvidence(scope: Scope, evidence: readonly Evidence[]): void {
  scope.prepared.send(
    `insert into client_evidence as e (company_id, client_id, kind, value, reported, first_at, last_at)
     select :companyId, client_id, kind, value, max(reported), min(at), max(at)
     from json_to_recordset(:rows::json) n (client_id uuid, kind text, value text, reported text, at timestamptz(3))
     group by client_id, kind, value order by client_id, kind, value
     on conflict (company_id, client_id, kind, value) do update set reported = excluded.reported,
       first_at = least(e.first_at, excluded.first_at), last_at = greatest(e.last_at, excluded.last_at)`,
    { rows: JSON.stringify(evidence.map(({ clientId, ...rest }) => ({ ...rest, client_id: clientId }))) },
  );
}

/**
 * Removes numbers from the clients that had them before. A chat whose id contains such a number gets the client's LID as its
 * address: an answer must not reach the new owner of the number.
 */
async function takeNumbers(scope: Scope, { lost }: Plan): Promise<NumberLost[]> {
  if (lost.length === 0) return [];
  const bindings = { clientIds: lost.map(({ clientId }) => clientId), numbers: lost.map(({ number }) => number) };
  const from = "unnest(:clientIds::uuid[], :numbers::text[]) lost (client_id, number)";
  await scope.rows(
    `update clients c set whatsapp_number = '', version = c.version + 1, updated_at = now() from ${from}
     where c.company_id = :companyId and c.id = lost.client_id and c.whatsapp_number = lost.number`,
    bindings,
  );
  const chats = await scope.rows<{ id: string; client_id: string }>(
    `update chats ch set wa_chat_id = newest.value || '@lid', version = ch.version + 1, updated_at = now()
     from ${from} cross join lateral (
       select value from client_identities i where i.company_id = :companyId and i.client_id = lost.client_id and i.kind = 'lid'
       order by i.seen_at desc nulls last limit 1
     ) newest
     where ch.company_id = :companyId and ch.client_id = lost.client_id and ch.wa_chat_id = lost.number || '@c.us'
     returning ch.id, ch.client_id`,
    bindings,
  );
  return [...new Set(bindings.clientIds)].map((loser) => ({
    loser,
    chats: chats.filter((chat) => chat.client_id === loser).map(({ id }) => id),
  }));
}

/** By which a client is found besides name and number: the user name, and all numbers if there are several. */
export const otherNamesOf = (client: string, username = `${client}.username`): string =>
  `nullif(concat_ws(' ', '@' || ${username}, (select string_agg(i.value, ' ' order by i.value) from client_identities i
    where i.company_id = ${client}.company_id and i.client_id = ${client}.id and i.kind = 'phone' having count(*) > 1)), '')`;

export function refreshOtherNames(scope: Scope, clientIds: readonly string[]): void {
  if (clientIds.length === 0) return;
  scope.prepared.send(
    `update clients c set other_names = ${otherNamesOf("c")} from (
       select id from clients where company_id = :companyId and id = any(:ids::uuid[]) order by id for no key update
     ) sorted
     where c.company_id = :companyId and c.id = sorted.id and c.other_names is distinct from ${otherNamesOf("c")}`,
    { ids: [...new Set(clientIds)] },
  );
}
