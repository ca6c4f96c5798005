import { randomUUID } from "node:crypto";
import { canonicalNumber } from "@syszap/contracts";
import { lockNames } from "../../sql/locks.ts";
import type { Scope } from "../../sql/query.ts";
import { type Merge, type Merged, mergeClients } from "./merge-clients.ts";

/** The ids by which WhatsApp names a contact. While the number of a LID is unknown, `number` repeats the LID. */
export interface ContactIds {
  number: string;
  lid?: string | undefined;
}
interface Identity {
  kind: "phone" | "lid";
  value: string;
}
/** The client that an identity leads to, and which other identities that client has. */
interface Holder {
  clientId: string;
  hasPhone: boolean;
  lids: readonly string[];
}
interface Plan {
  clients: { id: string; number: string }[];
  /** New identities, and phone numbers that now belong to another client. */
  identities: (Identity & { clientId: string })[];
  merges: Merge[];
}

export const isNumberKnown = ({ number, lid }: ContactIds): boolean => number !== lid;

/** Includes the number as WhatsApp reported it: rows from before canonical numbers were introduced have that form. */
function identitiesOf(contact: ContactIds): Identity[] {
  const phones = isNumberKnown(contact) ? new Set([canonicalNumber(contact.number), contact.number]) : [];
  const identities: Identity[] = [...phones].map((value) => ({ kind: "phone", value }));
  return contact.lid === undefined ? identities : [...identities, { kind: "lid", value: contact.lid }];
}
/** The identity in WhatsApp's id of a chat with one person. */
export function identityOfChat(waChatId: string): Identity {
  const [digits = "", server] = waChatId.split("@");
  return server === "lid" ? { kind: "lid", value: digits } : { kind: "phone", value: canonicalNumber(digits) };
}
const keyOf = ({ kind, value }: Identity) => `${kind}:${value}`;

/**
 * Returns the client id of each contact, in the order given. Creates missing clients, and merges two clients when the phone number
 * and the LID of a contact lead to different ones that are one person. Before it adds identities it locks all identities of the batch, in sorted order.
 */
export async function resolveClients(
  scope: Scope,
  contacts: readonly ContactIds[],
  onMerged: (merged: Merged) => void,
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
  if (plan.merges.length > 0) await lockClientRows(scope, [...ids, ...plan.merges.map(({ gone }) => gone)]);
  for (const each of plan.merges) onMerged(await mergeClients(scope, each));
  return ids;
}

/**
 * Locks in the order of ids, so that two batches cannot deadlock. `for no key update` does not block inserts of rows that refer to
 * a client, such as a new chat.
 */
export function lockClientRows<Row>(scope: Scope, ids: readonly string[]): Promise<Row[]> {
  return scope.prepared.rows<Row>(
    "select * from clients where company_id = :companyId and id = any(:ids::uuid[]) order by id for no key update",
    { ids: [...new Set(ids)] },
  );
}

async function findHolders(scope: Scope, wanted: readonly Identity[]): Promise<Map<string, Holder>> {
  const rows = await scope.prepared.rows<Identity & { client_id: string; has_phone: boolean; lids: string[] }>(
    // An identity that was added while its client was being merged away leads to the client that took over.
    `select i.kind, i.value, coalesce(c.merged_into, i.client_id) as client_id,
       exists (select from client_identities o where o.company_id = :companyId and o.kind = 'phone'
         and o.client_id = coalesce(c.merged_into, i.client_id)) as has_phone,
       array(select o.value from client_identities o where o.company_id = :companyId and o.kind = 'lid'
         and o.client_id = coalesce(c.merged_into, i.client_id)) as lids
     from unnest(:kinds::text[], :values::text[]) wanted (kind, value)
     join client_identities i on i.company_id = :companyId and i.kind = wanted.kind and i.value = wanted.value
     join clients c on c.company_id = i.company_id and c.id = i.client_id`,
    {
      kinds: wanted.map(({ kind }) => kind),
      values: wanted.map(({ value }) => value),
    },
  );
  return new Map(rows.map((row) => [keyOf(row), { clientId: row.client_id, hasPhone: row.has_phone, lids: row.lids }]));
}

/**
 * Decides which client each contact is. A LID is one account, and so one person; a phone number may change its owner. So a number
 * that is reported with another LID than before moves to the client of that LID, and no two clients are merged that may be two
 * persons: only one without a LID and one without a number, named together, are the same.
 */
function planFor(contacts: readonly ContactIds[], known: ReadonlyMap<string, Holder>): { plan: Plan; ids: string[] } {
  const holders = new Map(known);
  const plan: Plan = { clients: [], identities: [], merges: [] };
  const ids = contacts.map((contact) => {
    const identities = identitiesOf(contact);
    const byLid = contact.lid === undefined ? undefined : holders.get(keyOf({ kind: "lid", value: contact.lid }));
    const phones = identities.filter(({ kind }) => kind === "phone");
    const byPhone = phones.map((each) => holders.get(keyOf(each))).find((holder) => holder !== undefined);
    const isSame = byPhone !== undefined && isSamePerson(byPhone, byLid, contact.lid);
    // A program may name a LID where a number is expected.
    const misnamed = contact.lid === undefined ? holders.get(keyOf({ kind: "lid", value: contact.number })) : undefined;
    const found = (isSame ? byPhone : byLid) ?? (byPhone ? undefined : misnamed);
    if (found && found === misnamed) return found.clientId;
    const clientId = found?.clientId ?? randomUUID();
    if (!found) plan.clients.push({ id: clientId, number: contact.number });
    const lids = new Set([...(found?.lids ?? []), ...(contact.lid === undefined ? [] : [contact.lid])]);
    const holder: Holder = { clientId, hasPhone: phones.length > 0 || (found?.hasPhone ?? false), lids: [...lids] };
    if (isSame && byLid && byLid.clientId !== clientId) {
      plan.merges.push({ kept: clientId, gone: byLid.clientId });
      for (const [name, other] of holders) if (other.clientId === byLid.clientId) holders.set(name, holder);
    }
    for (const identity of identities) {
      if (holders.get(keyOf(identity))?.clientId !== clientId) plan.identities.push({ ...identity, clientId });
      holders.set(keyOf(identity), holder);
    }
    for (const [name, other] of holders) if (other.clientId === clientId) holders.set(name, holder);
    return clientId;
  });
  return { plan, ids };
}

function isSamePerson(byPhone: Holder, byLid: Holder | undefined, lid: string | undefined): boolean {
  if (lid === undefined || byPhone.clientId === byLid?.clientId) return true;
  return byPhone.lids.length === 0 && (byLid === undefined || !byLid.hasPhone);
}

const isEmpty = ({ identities, merges }: Plan) => identities.length === 0 && merges.length === 0;

function write(scope: Scope, { clients, identities }: Plan): void {
  scope.prepared.send(
    `with added as (
       insert into clients (company_id, id, whatsapp_number)
       select :companyId, id, number from unnest(:ids::uuid[], :numbers::text[]) new (id, number)
     )
     insert into client_identities (company_id, kind, value, client_id)
     select distinct on (kind, value) :companyId, kind, value, client_id
     from unnest(:kinds::text[], :values::text[], :clientIds::uuid[]) with ordinality n (kind, value, client_id, place)
     order by kind, value, place desc
     on conflict (company_id, kind, value) do update set client_id = excluded.client_id`,
    {
      ids: clients.map(({ id }) => id),
      numbers: clients.map(({ number }) => number),
      kinds: identities.map(({ kind }) => kind),
      values: identities.map(({ value }) => value),
      clientIds: identities.map(({ clientId }) => clientId),
    },
  );
}
