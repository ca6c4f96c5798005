import type { Client, Page } from "@syszap/contracts";
import { type ClientRow, toClient } from "../../rows/rows.ts";
import { fromPageKey, toPage } from "../../sql/page-key.ts";
import { queryOne, queryRow, queryRows, type Scope } from "../../sql/query.ts";
import { searchPatterns } from "../../sql/search-patterns.ts";
import { nameOf } from "./client-name.ts";
import { type ContactMade, lockClient, type Touched, touchClients, withClients } from "./client-resolver.ts";
import type { Person } from "./identities.ts";
import type { Merged } from "./merge-clients.ts";

export interface Contact extends Person {
  /** Absent: WhatsApp has not told it. */
  name?: string | undefined;
  /** Absent: unchanged. Null: the picture was taken away. */
  pictureMediaId?: string | null | undefined;
  atMs: number;
}
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

  /**
   * Calls `use` with the client of each person, in the order given; makes a row for who is unknown. Again while it answers
   * undefined: a client was merged away between the look and the lock. `onMerged` hears of clients that turned out to be one person.
   */
  resolved<Answer>(
    people: readonly Person[],
    use: (ids: string[]) => Promise<Answer | undefined>,
    onMerged: (merged: Merged) => void = () => undefined,
  ): Promise<Answer> {
    return withClients(this.scope, people, use, onMerged);
  }

  /**
   * In the order given, as if each came alone: answers with the client after each contact. Registers people once ever, and moves
   * last contact and name forward only, so the order of messages does not matter. `ids` are those of `resolved`; undefined, with
   * nothing written: one of them was merged away in between.
   */
  touchAll(ids: readonly string[], contacts: readonly ContactMade[]): Promise<Touched[] | undefined> {
    return touchClients(this.scope, ids, contacts);
  }

  /** As `touchAll`, of one. */
  async touchFromMessage(contact: ContactMade): Promise<Touched> {
    const [touched] = await this.resolved([contact], (ids) => this.touchAll(ids, [contact]));
    if (!touched) throw new Error("a contact was not answered");
    return touched;
  }

  /** A row by id, also one that was merged away. */
  async anyById(id: string): Promise<Client> {
    const sql = "select * from clients where company_id = :companyId and id = :id";
    return toClient(await queryOne<ClientRow>(this.scope.db, sql, { companyId: this.scope.companyId, id }));
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
  async applyContact(
    contact: Contact,
    onMerged: (merged: Merged) => void = () => undefined,
  ): Promise<Client | undefined> {
    const id = await lockClient(this.scope, contact, onMerged);
    const row = await queryRow<ClientRow & { is_registered: boolean }>(this.scope.db, applyContact, {
      companyId: this.scope.companyId,
      id,
      number: contact.number,
      lid: contact.lid ?? null,
      name: nameOf(contact.name),
      hasPicture: contact.pictureMediaId !== undefined,
      picture: contact.pictureMediaId ?? null,
      at: new Date(contact.atMs),
    });
    return row?.is_registered ? toClient(row) : undefined;
  }
}

const applyContact = `
  update clients c set
    whatsapp_number = case when c.whatsapp_number = :lid then :number else c.whatsapp_number end,
    name = case when :name::text is not null and (c.name_at is null or c.name_at <= :at::timestamptz) then :name else c.name end,
    name_at = case when :name::text is not null then greatest(c.name_at, :at::timestamptz) else c.name_at end,
    picture_media_id = case when :hasPicture and (c.picture_at is null or c.picture_at <= :at::timestamptz)
      then :picture else c.picture_media_id end,
    picture_at = case when :hasPicture then greatest(c.picture_at, :at::timestamptz) else c.picture_at end,
    version = c.version + 1, updated_at = now()
  where c.company_id = :companyId and c.id = :id and (
    (c.whatsapp_number = :lid and :number <> :lid)
    or (:name::text is not null and :name is distinct from c.name and (c.name_at is null or c.name_at <= :at::timestamptz))
    or (:hasPicture and :picture::uuid is distinct from c.picture_media_id
      and (c.picture_at is null or c.picture_at <= :at::timestamptz)))
  returning c.*, c.registered_at is not null as is_registered`;
