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
interface Plan {
  clients: { id: string; number: string }[];
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
const keyOf = ({ kind, value }: Identity) => `${kind}:${value}`;

/**
 * Returns the client id of each contact, in the order given. Creates missing clients, and merges two clients when the phone number
 * and the LID of a contact lead to different ones. Before it adds identities it locks all identities of the batch, in sorted order.
 */
export async function resolveClients(
  scope: Scope,
  contacts: readonly ContactIds[],
  onMerged: (merged: Merged) => void,
): Promise<string[]> {
  const wanted = contacts.flatMap(identitiesOf);
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

async function findHolders(scope: Scope, wanted: readonly Identity[]): Promise<Map<string, string>> {
  const rows = await scope.prepared.rows<Identity & { client_id: string }>(
    // An identity that was added while its client was being merged away leads to the client that took over.
    `select i.kind, i.value, coalesce(c.merged_into, i.client_id) as client_id
     from unnest(:kinds::text[], :values::text[]) wanted (kind, value)
     join client_identities i on i.company_id = :companyId and i.kind = wanted.kind and i.value = wanted.value
     join clients c on c.company_id = i.company_id and c.id = i.client_id`,
    {
      kinds: wanted.map(({ kind }) => kind),
      values: wanted.map(({ value }) => value),
    },
  );
  return new Map(rows.map((row) => [keyOf(row), row.client_id]));
}

/** When two clients are merged, the one with the phone number stays, since users know that one. */
function planFor(contacts: readonly ContactIds[], known: ReadonlyMap<string, string>): { plan: Plan; ids: string[] } {
  const holders = new Map(known);
  const plan: Plan = { clients: [], identities: [], merges: [] };
  const found = contacts.map((contact) => {
    const identities = identitiesOf(contact);
    const [first, ...others] = new Set(identities.flatMap((identity) => holders.get(keyOf(identity)) ?? []));
    const id = first ?? randomUUID();
    if (first === undefined) plan.clients.push({ id, number: contact.number });
    for (const gone of others) {
      plan.merges.push({ kept: id, gone });
      for (const [name, holder] of holders) if (holder === gone) holders.set(name, id);
    }
    for (const identity of identities.filter((each) => !holders.has(keyOf(each)))) {
      holders.set(keyOf(identity), id);
      plan.identities.push({ ...identity, clientId: id });
    }
    return identities;
  });
  const ids = found.map(([identity]) => (identity && holders.get(keyOf(identity))) ?? "");
  return { plan, ids };
}

const isEmpty = ({ identities, merges }: Plan) => identities.length === 0 && merges.length === 0;

function write(scope: Scope, { clients, identities }: Plan): void {
  scope.prepared.send(
    `with added as (
       insert into clients (company_id, id, whatsapp_number)
       select :companyId, id, number from unnest(:ids::uuid[], :numbers::text[]) new (id, number)
     )
     insert into client_identities (company_id, kind, value, client_id)
     select :companyId, * from unnest(:kinds::text[], :values::text[], :clientIds::uuid[])`,
    {
      ids: clients.map(({ id }) => id),
      numbers: clients.map(({ number }) => number),
      kinds: identities.map(({ kind }) => kind),
      values: identities.map(({ value }) => value),
      clientIds: identities.map(({ clientId }) => clientId),
    },
  );
}
