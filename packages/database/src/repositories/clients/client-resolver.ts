import type { Client } from "@syszap/contracts";
import { type ClientRow, toClient } from "../../rows/rows.ts";
import type { Scope } from "../../sql/query.ts";
import { nameOf } from "./client-name.ts";
import { isNumberKnown, lockClientRows, type Person, resolveClients } from "./identities.ts";
import type { Merged } from "./merge-clients.ts";

export interface ContactMade extends Person {
  name: string | null;
  contactAt: Date;
}
export interface Touched {
  client: Client;
  /** The client as it was registered, when this contact was the first ever. `client` is a version newer. */
  registered: Client | undefined;
  isNameChanged: boolean;
  /** False: the contact was older than what is known, nothing was written. */
  isChanged: boolean;
}
interface StateRow extends ClientRow {
  name_at: Date | null;
  registered_at: Date | null;
  merged_into: string | null;
}

/** See `ClientRepository.touchAll`. */
export async function touchClients(
  scope: Scope,
  ids: readonly string[],
  contacts: readonly ContactMade[],
): Promise<Touched[] | undefined> {
  const locked = await lockClientRows<StateRow>(scope, ids);
  if (!locked.every(isThere)) return undefined;
  const rows = new Map(locked.map((row) => [row.id, row]));
  const before = new Map(rows);
  const touches = contacts.map((contact, index) => {
    const id = ids[index] ?? "";
    const row = rows.get(id);
    if (!row) throw new Error("a client that was resolved is not there");
    const { next, ...touched } = touch(row, contact);
    rows.set(id, next);
    return touched;
  });
  const changed = [...rows.values()].filter((row) => before.get(row.id) !== row);
  if (changed.length > 0) save(scope, changed);
  return touches;
}

/** See `ClientRepository.resolved`. */
export async function withClients<Answer>(
  scope: Scope,
  people: readonly Person[],
  use: (ids: string[]) => Promise<Answer | undefined>,
  onMerged: (merged: Merged) => void,
): Promise<Answer> {
  for (;;) {
    const answer = await use(await resolveClients(scope, people, onMerged));
    if (answer !== undefined) return answer;
  }
}

export function lockClient(scope: Scope, person: Person, onMerged: (merged: Merged) => void): Promise<string> {
  const lock = async ([id = ""]: string[]) =>
    (await lockClientRows<StateRow>(scope, [id])).every(isThere) ? id : undefined;
  return withClients(scope, [person], lock, onMerged);
}

const isThere = ({ merged_into }: StateRow) => merged_into === null;

function touch(row: StateRow, contact: ContactMade): Touched & { next: StateRow } {
  const { contactAt } = contact;
  const name = nameOf(contact.name);
  const isFirst = row.registered_at === null;
  const known: StateRow = isFirst
    ? {
        ...row,
        registered_at: contactAt,
        name: row.name ?? name,
        name_at: row.name_at ?? (name === null ? null : contactAt),
      }
    : row;
  const isNewest = name !== null && (known.name_at === null || known.name_at <= contactAt);
  const isNameChanged = isNewest && name !== known.name;
  const isNumberLearnt = isNumberKnown(contact) && known.whatsapp_number === contact.lid;
  const isLater = known.last_contact_at === null || known.last_contact_at < contactAt;
  const isChanged = isNameChanged || isNumberLearnt || isLater;
  const isNoted = isNewest && known.name_at?.getTime() !== contactAt.getTime();
  const next: StateRow = {
    ...known,
    ...(isNewest && { name, name_at: contactAt }),
    ...(isNumberLearnt && { whatsapp_number: contact.number }),
    ...(isLater && { last_contact_at: contactAt }),
    version: known.version + (isChanged ? 1 : 0),
  };
  return {
    client: toClient(next),
    registered: isFirst ? toClient(known) : undefined,
    isNameChanged,
    isChanged,
    next: isFirst || isChanged || isNoted ? next : row,
  };
}

function save(scope: Scope, rows: readonly StateRow[]): void {
  scope.prepared.send(
    `update clients c set whatsapp_number = n.whatsapp_number, name = n.name, name_at = n.name_at,
       last_contact_at = n.last_contact_at, registered_at = coalesce(c.registered_at, now()),
       version = n.version, updated_at = now()
     from json_to_recordset(:rows::json) n (id uuid, whatsapp_number text, name text, name_at timestamptz(3),
       last_contact_at timestamptz(3), version integer)
     where c.company_id = :companyId and c.id = n.id`,
    { companyId: scope.companyId, rows: JSON.stringify(rows) },
  );
}
