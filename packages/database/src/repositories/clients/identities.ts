import { randomUUID } from "node:crypto";
import { canonicalNumber } from "@syszap/contracts";
import { lockNames } from "../../sql/locks.ts";
import type { Scope } from "../../sql/query.ts";
import { type Merge, type Merged, mergeClients } from "./merge-clients.ts";

/** Whom WhatsApp means. While nobody knows the number of a LID, `number` repeats the LID. */
export interface Person {
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

export const isNumberKnown = ({ number, lid }: Person): boolean => number !== lid;

/** The number as it was told is looked for too: rows from before there were canonical numbers go by it. */
function identitiesOf(person: Person): Identity[] {
  const phones = isNumberKnown(person) ? new Set([canonicalNumber(person.number), person.number]) : [];
  const identities: Identity[] = [...phones].map((value) => ({ kind: "phone", value }));
  return person.lid === undefined ? identities : [...identities, { kind: "lid", value: person.lid }];
}
const keyOf = ({ kind, value }: Identity) => `${kind}:${value}`;

/**
 * The client of each person, in the order given; makes what is missing, and one of two when both names of a person lead to a
 * client. Whoever adds names holds the locks of all of that batch's persons, taken in one order.
 */
export async function resolveClients(
  scope: Scope,
  people: readonly Person[],
  onMerged: (merged: Merged) => void,
): Promise<string[]> {
  const wanted = people.flatMap(identitiesOf);
  let known = await look(scope, wanted);
  let { plan, ids } = planFor(people, known);
  if (isEmpty(plan)) return ids;
  lockNames(
    scope,
    wanted.map((identity) => ["client", scope.companyId, keyOf(identity)]),
  );
  known = await look(scope, wanted);
  ({ plan, ids } = planFor(people, known));
  write(scope, plan);
  if (plan.merges.length > 0) await lockClientRows(scope, [...ids, ...plan.merges.map(({ gone }) => gone)]);
  for (const each of plan.merges) onMerged(await mergeClients(scope, each));
  return ids;
}

/**
 * In one order, so that two batches never wait for each other. Rows that only point at a client (a chat that begins) need not
 * wait: hence no stronger lock.
 */
export function lockClientRows<Row>(scope: Scope, ids: readonly string[]): Promise<Row[]> {
  return scope.prepared.rows<Row>(
    "select * from clients where company_id = :companyId and id = any(:ids::uuid[]) order by id for no key update",
    { companyId: scope.companyId, ids: [...new Set(ids)] },
  );
}

async function look(scope: Scope, wanted: readonly Identity[]): Promise<Map<string, string>> {
  const rows = await scope.prepared.rows<Identity & { client_id: string }>(
    // A name that was given to a client in the moment in which it was merged away leads on to where that one went.
    `select i.kind, i.value, coalesce(c.merged_into, i.client_id) as client_id
     from unnest(:kinds::text[], :values::text[]) wanted (kind, value)
     join client_identities i on i.company_id = :companyId and i.kind = wanted.kind and i.value = wanted.value
     join clients c on c.company_id = i.company_id and c.id = i.client_id`,
    {
      companyId: scope.companyId,
      kinds: wanted.map(({ kind }) => kind),
      values: wanted.map(({ value }) => value),
    },
  );
  return new Map(rows.map((row) => [keyOf(row), row.client_id]));
}

/** Of two clients the one with the phone number stays: it is the one that people know. */
function planFor(people: readonly Person[], known: ReadonlyMap<string, string>): { plan: Plan; ids: string[] } {
  const holders = new Map(known);
  const plan: Plan = { clients: [], identities: [], merges: [] };
  const found = people.map((person) => {
    const identities = identitiesOf(person);
    const [first, ...others] = new Set(identities.flatMap((identity) => holders.get(keyOf(identity)) ?? []));
    const id = first ?? randomUUID();
    if (first === undefined) plan.clients.push({ id, number: person.number });
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
      companyId: scope.companyId,
      ids: clients.map(({ id }) => id),
      numbers: clients.map(({ number }) => number),
      kinds: identities.map(({ kind }) => kind),
      values: identities.map(({ value }) => value),
      clientIds: identities.map(({ clientId }) => clientId),
    },
  );
}
