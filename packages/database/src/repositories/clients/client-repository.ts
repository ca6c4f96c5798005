import type { Client, Page } from "@syszap/contracts";
import { fromPageKey, toPage } from "../../sql/page-key.ts";
import { isReached, type Scope } from "../../sql/query.ts";
import { searchPatterns } from "../../sql/search-patterns.ts";
import { nameOf } from "../names/client-name.ts";
import { ClientResolver } from "./client-resolver.ts";
import { type ClientRow, toClient } from "./client-row.ts";
import { type OnIdentityChange, otherNamesOf, writeEvidence } from "./identities.ts";
import type { ContactIds } from "./identity-plan.ts";

export interface Contact extends ContactIds {
  /** Absent when WhatsApp did not report it. */
  name?: string | undefined;
  /** Absent: unchanged. Null: the contact removed the picture. */
  pictureMediaId?: string | null | undefined;
  atMs: number;
}
/** Time of the last contact in ms, 15 digits; zeros for a client without one. */
const lastContactKey = /^\d{15}$/;

/**
 * The company's clients (customers). A row is created with the first fact about a number, such as a name or a picture. The row
 * becomes a visible client with the first message.
 */
export class ClientRepository {
  constructor(private readonly scope: Scope) {}

  /** A person sees the clients of the chats within its reach. */
  async find(id: string): Promise<Client | undefined> {
    const row = await this.scope.row<ClientRow>(
      `select * from clients c where company_id = :companyId and id = :id and registered_at is not null
         and (:reachedSessions::uuid[] is null or exists (select from chats ch where ch.company_id = :companyId
           and ch.client_id = c.id and ${isReached("ch.session_id")}))`,
      { id },
    );
    return row && toClient(row);
  }

  /** Sorted by last contact, newest first. `search` matches parts of the name or the number. */
  async list(page: { before?: string | undefined; limit: number }, search?: string): Promise<Page<Client>> {
    const before = fromPageKey(page.before, lastContactKey);
    const rows = await this.scope.rows<ClientRow>(
      `select c.* from search_clients(:companyId, :name, :number, :beforeMs, :beforeId, :limit, :reachedSessions::uuid[]) found (id)
       join clients c on c.company_id = :companyId and c.id = found.id
       order by coalesce(c.last_contact_at, 'epoch') desc, c.id desc`,
      {
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

  /** Also finds a client that was merged into another one. Throws when there is no such row. */
  async getIncludingMerged(id: string): Promise<Client> {
    const sql = "select * from clients where company_id = :companyId and id = :id";
    return toClient(await this.scope.one<ClientRow>(sql, { id }));
  }

  /** Records contact through a message that we sent. Undefined when the last contact is newer. */
  async touch(id: string, contactAt: Date): Promise<Client | undefined> {
    const row = await this.scope.row<ClientRow>(
      `update clients set last_contact_at = :at, version = version + 1, updated_at = now()
       where company_id = :companyId and id = :id and (last_contact_at is null or last_contact_at < :at) returning *`,
      { id, at: contactAt },
    );
    return row && toClient(row);
  }

  /** Stores the contact's name and picture. Undefined when no event is needed: nothing changed, or the row is no client yet. */
  async applyContact(contact: Contact, onChange: OnIdentityChange = () => undefined): Promise<Client | undefined> {
    const at = new Date(contact.atMs);
    const { id, lids } = await new ClientResolver(this.scope).lock({ ...contact, contactAt: at }, onChange);
    const row = await this.scope.row<ClientRow & { is_registered: boolean }>(applyContact, {
      id,
      number: lids.includes(contact.number) ? null : contact.number,
      lids,
      name: nameOf(contact.name, lids),
      username: contact.username ?? null,
      hasPicture: contact.pictureMediaId !== undefined,
      picture: contact.pictureMediaId ?? null,
      at,
    });
    const { username } = contact;
    if (username !== undefined) {
      const named = { clientId: id, kind: "username" as const, value: username, reported: username };
      writeEvidence(this.scope, [{ ...named, at }]);
    }
    return row?.is_registered ? toClient(row) : undefined;
  }
}

/** Earlier releases stored the digits of a LID in place of an unknown number. */
const hasNoNumber = "(c.whatsapp_number = '' or c.whatsapp_number = any(:lids::text[]))";
const hasNewUsername = `(:username::text is not null and :username is distinct from c.username
  and (c.username_at is null or c.username_at <= :at::timestamptz))`;
const applyContact = `
  update clients c set
    whatsapp_number = case when ${hasNoNumber} then coalesce(:number::text, '') else c.whatsapp_number end,
    name = case when :name::text is not null and (c.name_at is null or c.name_at <= :at::timestamptz) then :name else c.name end,
    name_at = case when :name::text is not null then greatest(c.name_at, :at::timestamptz) else c.name_at end,
    username = case when ${hasNewUsername} then :username else c.username end,
    username_at = case when :username::text is not null then greatest(c.username_at, :at::timestamptz) else c.username_at end,
    other_names = case when ${hasNewUsername} then ${otherNamesOf("c", ":username::text")} else c.other_names end,
    picture_media_id = case when :hasPicture and (c.picture_at is null or c.picture_at <= :at::timestamptz)
      then :picture else c.picture_media_id end,
    picture_at = case when :hasPicture then greatest(c.picture_at, :at::timestamptz) else c.picture_at end,
    version = c.version + 1, updated_at = now()
  where c.company_id = :companyId and c.id = :id and (
    (${hasNoNumber} and c.whatsapp_number <> coalesce(:number::text, ''))
    or (:name::text is not null and :name is distinct from c.name and (c.name_at is null or c.name_at <= :at::timestamptz))
    or ${hasNewUsername}
    or (:hasPicture and :picture::uuid is distinct from c.picture_media_id
      and (c.picture_at is null or c.picture_at <= :at::timestamptz)))
  returning c.*, c.registered_at is not null as is_registered`;
