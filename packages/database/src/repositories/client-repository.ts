import type { Client, Page } from "@syszap/contracts";
import { fromPageKey, toPage } from "../rows/page-key.ts";
import { queryOne, queryRow, queryRows, type Scope } from "../rows/query.ts";
import { type ClientRow, toClient } from "../rows/rows.ts";
import { searchPatterns } from "../rows/search-patterns.ts";
import { toStorableText } from "../rows/storable-text.ts";

export interface Contact {
  number: string;
  /** Absent: WhatsApp has not told it. */
  name?: string | undefined;
  /** Absent: unchanged. Null: the picture was taken away. */
  pictureMediaId?: string | null | undefined;
  atMs: number;
}
export interface Touched {
  client: Client;
  /** The client as it was registered, when this contact was the first ever. `client` is a version newer. */
  registered: Client | undefined;
  isNameChanged: boolean;
  /** False: the contact was older than what is known, nothing was written. */
  isChanged: boolean;
}
type TouchedRow = ClientRow & { is_name_changed: boolean };

/** Last contact in ms, 15 digits; zeros for a client without one. */
const lastContactKey = /^\d{15}$/;

/**
 * The company's customers. A row comes into being with the first thing heard of a number (a name, a picture);
 * it is a client, and visible, from the first message on.
 */
export class ClientRepository {
  constructor(private readonly scope: Scope) {}

  async find(id: string): Promise<Client | undefined> {
    const row = await queryRow<ClientRow>(
      this.scope.db,
      "select * from clients where company_id = :companyId and id = :id and registered_at is not null",
      { companyId: this.scope.companyId, id },
    );
    return row && toClient(row);
  }

  /** Last contact first. `search` finds parts of the name or of the number. */
  async list(page: { before?: string | undefined; limit: number }, search?: string): Promise<Page<Client>> {
    const before = fromPageKey(page.before, lastContactKey);
    const rows = await queryRows<ClientRow>(
      this.scope.db,
      `select c.* from search_clients(:companyId, :name, :number, :beforeMs, :beforeId, :limit) found (id)
       join clients c on c.company_id = :companyId and c.id = found.id
       order by coalesce(c.last_contact_at, 'epoch') desc, c.id desc`,
      {
        companyId: this.scope.companyId,
        ...searchPatterns(search),
        beforeMs: before ? Number(before.value) : null,
        beforeId: before?.id ?? null,
        limit: page.limit + 1,
      },
    );
    return toPage(rows, page.limit, {
      item: toClient,
      key: (row) => ({ value: String(row.last_contact_at?.getTime() ?? 0).padStart(15, "0"), id: row.id }),
    });
  }

  /** Registers an unknown number, once ever, and moves last contact forward only, so the order of messages does not matter. */
  async touchFromMessage(contact: { number: string; name: string | null; contactAt: Date }): Promise<Touched> {
    const bindings = {
      companyId: this.scope.companyId,
      number: contact.number,
      name: nameOf(contact.name),
      at: contact.contactAt,
    };
    const registered = await queryRow<ClientRow>(
      this.scope.db,
      `insert into clients (company_id, whatsapp_number, name, name_at, registered_at)
       values (:companyId, :number, :name, case when :name::text is not null then :at::timestamptz end, now())
       on conflict (company_id, whatsapp_number) do update
         set registered_at = now(), name = coalesce(clients.name, excluded.name),
             name_at = coalesce(clients.name_at, excluded.name_at), updated_at = now()
         where clients.registered_at is null
       returning *`,
      bindings,
    );
    const changed = await queryRow<TouchedRow>(this.scope.db, touch, bindings);
    const client = changed ?? (await this.byNumber(contact.number));
    return {
      client: toClient(client),
      registered: registered && toClient(registered),
      isNameChanged: changed?.is_name_changed ?? false,
      isChanged: changed !== undefined,
    };
  }

  /** A message of ours counts as contact too. Undefined when it is older than the last one. */
  async touch(id: string, contactAt: Date): Promise<Client | undefined> {
    const row = await queryRow<ClientRow>(
      this.scope.db,
      `update clients set last_contact_at = :at, version = version + 1, updated_at = now()
       where company_id = :companyId and id = :id and (last_contact_at is null or last_contact_at < :at) returning *`,
      { companyId: this.scope.companyId, id, at: contactAt },
    );
    return row && toClient(row);
  }

  /** Keeps name and picture as WhatsApp has them now. Undefined when no page needs to know: nothing new, or no client yet. */
  async applyContact(contact: Contact): Promise<Client | undefined> {
    const row = await queryRow<ClientRow & { is_registered: boolean }>(this.scope.db, applyContact, {
      companyId: this.scope.companyId,
      number: contact.number,
      name: nameOf(contact.name),
      hasPicture: contact.pictureMediaId !== undefined,
      picture: contact.pictureMediaId ?? null,
      at: new Date(contact.atMs),
    });
    return row?.is_registered ? toClient(row) : undefined;
  }

  private byNumber(number: string): Promise<ClientRow> {
    return queryOne<ClientRow>(
      this.scope.db,
      "select * from clients where company_id = :companyId and whatsapp_number = :number",
      { companyId: this.scope.companyId, number },
    );
  }
}

const maxNameLength = 500;
const nameOf = (name: string | null | undefined) =>
  name ? toStorableText(name).trim().slice(0, maxNameLength).toWellFormed() || null : null;

/** The old row is joined in, because `returning` sees only the new one. */
const touch = `
  update clients c set
    last_contact_at = greatest(c.last_contact_at, :at),
    name = case when next.is_newer_name then :name else c.name end,
    name_at = case when next.is_newer_name then :at else c.name_at end,
    version = c.version + 1, updated_at = now()
  from (
    select id,
      :name::text is not null and (name_at is null or name_at <= :at) and name is distinct from :name as is_newer_name
    from clients where company_id = :companyId and whatsapp_number = :number for update
  ) next
  where c.company_id = :companyId and c.id = next.id
    and (next.is_newer_name or c.last_contact_at is null or c.last_contact_at < :at)
  returning c.*, next.is_newer_name as is_name_changed`;

const applyContact = `
  insert into clients as c
    (company_id, whatsapp_number, name, name_at, picture_media_id, picture_at)
  values (:companyId, :number, :name, case when :name::text is not null then :at::timestamptz end,
    :picture, case when :hasPicture then :at::timestamptz end)
  on conflict (company_id, whatsapp_number) do update set
    name = case when excluded.name is not null and (c.name_at is null or c.name_at <= excluded.name_at)
      then excluded.name else c.name end,
    name_at = greatest(c.name_at, excluded.name_at),
    picture_media_id = case when :hasPicture and (c.picture_at is null or c.picture_at <= excluded.picture_at)
      then excluded.picture_media_id else c.picture_media_id end,
    picture_at = greatest(c.picture_at, excluded.picture_at),
    version = c.version + 1, updated_at = now()
  where (excluded.name is not null and excluded.name is distinct from c.name
      and (c.name_at is null or c.name_at <= excluded.name_at))
    or (:hasPicture and excluded.picture_media_id is distinct from c.picture_media_id
      and (c.picture_at is null or c.picture_at <= excluded.picture_at))
  returning c.*, c.registered_at is not null as is_registered`;
