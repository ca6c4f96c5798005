import type { Client } from "@syszap/contracts";
import { canonicalNumber } from "@syszap/platform";
import type { Scope } from "../../sql/query.ts";
import { nameOf } from "../names/client-name.ts";
import { type ClientRow, toClient } from "./client-row.ts";
import {
  lockClientRows,
  type OnIdentityChange,
  type OwnIdentities,
  otherNamesOf,
  resolveClients,
  writeEvidence,
} from "./identities.ts";
import type { ContactIds } from "./identity-plan.ts";

/** A contact that wrote to us, or that we wrote to, at a time. */
export interface ContactMade extends ContactIds {
  name: string | null;
  contactAt: Date;
  /** True: WhatsApp reported something about the contact, which did not write. Changes nothing. */
  isNote?: boolean | undefined;
}
export interface Touched {
  client: Client;
  /** The client as it was registered, when this was its first contact. `client` is one version newer. */
  registered: Client | undefined;
  /** False when the contact was older than the stored state, so nothing was written. */
  isChanged: boolean;
}
interface StateRow extends ClientRow, OwnIdentities {
  name_at: Date | null;
  username_at: Date | null;
  registered_at: Date | null;
  merged_into: string | null;
}
interface LockedClient extends Pick<OwnIdentities, "lids"> {
  id: string;
}
const ignoreChanges: OnIdentityChange = () => undefined;

/** Finds the clients of WhatsApp contacts and records contact with them, for many contacts at once. */
export class ClientResolver {
  constructor(private readonly scope: Scope) {}

  /**
   * Calls `use` with the client ids of the contacts, in their order; creates rows for unknown contacts. Repeats when `use` returns
   * undefined: a client was merged away between the look-up and the lock. `onChange` receives changes of clients, such as a merge of
   * two that proved to be the same person.
   */
  async resolve<Result>(
    contacts: readonly ContactIds[],
    use: (ids: string[]) => Promise<Result | undefined>,
    onChange: OnIdentityChange = ignoreChanges,
  ): Promise<Result> {
    for (;;) {
      const result = await use(await resolveClients(this.scope, contacts, onChange));
      if (result !== undefined) return result;
    }
  }

  /** Returns the contact's client. Its row is locked until the transaction ends. */
  lock(contact: ContactIds, onChange: OnIdentityChange = ignoreChanges): Promise<LockedClient> {
    const lockRow = async ([id = ""]: string[]) => {
      const rows = await lockClientRows<StateRow>(this.scope, [id]);
      return rows.every(isNotMerged) ? { id, lids: rows[0]?.lids ?? [] } : undefined;
    };
    return this.resolve([contact], lockRow, onChange);
  }

  /**
   * Records the contacts in the order given and returns the client after each of them. Registers a client once. Last contact and
   * name only move forward, so the order of messages does not matter. `ids` come from `resolve`. Returns undefined and writes
   * nothing when one of the clients was merged away in between.
   */
  async touchAll(ids: readonly string[], contacts: readonly ContactMade[]): Promise<Touched[] | undefined> {
    const locked = await lockClientRows<StateRow>(this.scope, ids);
    if (!locked.every(isNotMerged)) return undefined;
    const rows = new Map(locked.map((row) => [row.id, row]));
    const before = new Map(rows);
    const touches = contacts.map((contact, index) => {
      const id = ids[index] ?? "";
      const row = rows.get(id);
      if (!row) throw new Error("a resolved client has no row");
      const { next, ...touched } = touch(row, contact);
      rows.set(id, next);
      return touched;
    });
    const changed = [...rows.values()].filter((row) => before.get(row.id) !== row);
    if (changed.length > 0) save(this.scope, changed);
    const renamed = changed.flatMap(({ id: clientId, username, username_at: at }) =>
      username === null || at === null || username === before.get(clientId)?.username
        ? []
        : { clientId, kind: "username" as const, value: username, reported: username, at },
    );
    if (renamed.length > 0) writeEvidence(this.scope, renamed);
    return touches;
  }

  /** Resolves one contact and records it. */
  async touchFromMessage(contact: ContactMade): Promise<Touched> {
    const [touched] = await this.resolve([contact], (ids) => this.touchAll(ids, [contact]));
    if (!touched) throw new Error("a contact was not recorded");
    return touched;
  }
}

/** The same number in another form is no change. */
const isOtherNumber = (shown: string, reported: string) => canonicalNumber(shown) !== canonicalNumber(reported);

const isNotMerged = ({ merged_into }: StateRow) => merged_into === null;

function touch(row: StateRow, contact: ContactMade): Touched & { next: StateRow } {
  if (contact.isNote) return { client: toClient(row), registered: undefined, isChanged: false, next: row };
  const { contactAt } = contact;
  const name = nameOf(contact.name, row.lids);
  const isFirst = row.registered_at === null;
  const known: StateRow = isFirst
    ? {
        ...row,
        registered_at: contactAt,
        name: row.name ?? name,
        name_at: row.name_at ?? (name === null ? null : contactAt),
        username: row.username ?? contact.username ?? null,
        username_at: row.username_at ?? (contact.username === undefined ? null : contactAt),
      }
    : row;
  const isNewest = name !== null && (known.name_at === null || known.name_at <= contactAt);
  const isNameChanged = isNewest && name !== known.name;
  const isLater = known.last_contact_at === null || known.last_contact_at < contactAt;
  const isOwn = (number: string) => row.phones.includes(number) || row.phones.includes(canonicalNumber(number));
  const hasNumber = isOwn(known.whatsapp_number);
  const isNumberLearnt =
    isOwn(contact.number) && (!hasNumber || (isLater && isOtherNumber(known.whatsapp_number, contact.number)));
  const number = isNumberLearnt ? contact.number : hasNumber ? known.whatsapp_number : "";
  const username = newUsername(known, contact);
  const isChanged = isNameChanged || username !== undefined || number !== known.whatsapp_number || isLater;
  const isNoted = isNewest && known.name_at?.getTime() !== contactAt.getTime();
  const next: StateRow = {
    ...known,
    ...(isNewest && { name, name_at: contactAt }),
    whatsapp_number: number,
    ...(username !== undefined && { username, username_at: contactAt }),
    ...(isLater && { last_contact_at: contactAt }),
    version: known.version + (isChanged ? 1 : 0),
  };
  return {
    client: toClient(next),
    registered: isFirst ? toClient(known) : undefined,
    isChanged,
    next: isFirst || isChanged || isNoted ? next : row,
  };
}

/** Undefined when the contact names none, the known one, or an older one. */
function newUsername(known: StateRow, { username, contactAt }: ContactMade): string | undefined {
  const isOlder = known.username_at !== null && known.username_at > contactAt;
  return username === known.username || isOlder ? undefined : username;
}

function save(scope: Scope, rows: readonly StateRow[]): void {
  scope.prepared.send(
    `update clients c set whatsapp_number = n.whatsapp_number, name = n.name, name_at = n.name_at,
       username = n.username, username_at = n.username_at,
       other_names = case when n.username is distinct from c.username then ${otherNamesOf("c", "n.username")} else c.other_names end,
       last_contact_at = n.last_contact_at, registered_at = coalesce(c.registered_at, now()),
       version = n.version, updated_at = now()
     from json_to_recordset(:rows::json) n (id uuid, whatsapp_number text, name text, name_at timestamptz(3), username text, username_at timestamptz(3),
       last_contact_at timestamptz(3), version integer)
     where c.company_id = :companyId and c.id = n.id`,
    { rows: JSON.stringify(rows) },
  );
}
