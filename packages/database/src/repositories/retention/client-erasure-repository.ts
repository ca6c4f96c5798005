import type { Scope } from "../../sql/query.ts";
import { MediaRemovalRepository } from "../media/media-removal-repository.ts";

/** Erases a client with everything that was written with it (decision 091). Each step can be repeated. */
export class ClientErasureRepository {
  constructor(private readonly scope: Scope) {}

  /**
   * Begins the erasure: from the commit on, the client and those that were merged into it have no name, number or picture, and are in
   * no list. A later message from the same person comes from a new client. False when there is no such client.
   */
  async begin(clientId: string): Promise<boolean> {
    const family = await this.scope.rows<{ id: string; picture_media_id: string | null }>(
      `with recursive family as (
         select id from clients where company_id = :companyId and id = :clientId and registered_at is not null
         union select c.id from clients c join family f on c.company_id = :companyId and c.merged_into = f.id
       )
       select c.id, c.picture_media_id from clients c join family f on f.id = c.id
       where c.company_id = :companyId order by c.id for update of c`,
      { clientId },
    );
    if (family.length === 0) return false;
    const ids = family.map(({ id }) => id);
    await this.scope.rows(
      "insert into client_erasures (company_id, client_id, family) values (:companyId, :clientId, :ids::uuid[])",
      {
        clientId,
        ids,
      },
    );
    const numbers = await this.scope.rows<{ value: string }>(
      `select value from client_identities where company_id = :companyId and client_id = any(:ids::uuid[])
       union select value from client_evidence where company_id = :companyId and client_id = any(:ids::uuid[])
       union select reported from client_evidence where company_id = :companyId and client_id = any(:ids::uuid[])
       union select whatsapp_number from clients where company_id = :companyId and id = any(:ids::uuid[]) and whatsapp_number <> ''`,
      { ids },
    );
    await this.forgetNumbers(numbers.map(({ value }) => value));
    await this.scope.rows(
      `update client_merges set before = '{}', closed_at = coalesce(closed_at, now())
       where company_id = :companyId and (kept = any(:ids::uuid[]) or gone = any(:ids::uuid[]))`,
      { ids },
    );
    await this.scope.rows(
      `update clients set name = null, name_at = null, whatsapp_number = '', username = null, username_at = null, other_names = null,
         picture_media_id = null, picture_at = null, registered_at = null, last_contact_at = null,
         erasure_requested_at = now(), version = version + 1, updated_at = now()
       where company_id = :companyId and id = any(:ids::uuid[])`,
      { ids },
    );
    for (const table of ["client_identities", "client_evidence"])
      await this.scope.rows(`delete from ${table} where company_id = :companyId and client_id = any(:ids::uuid[])`, {
        ids,
      });
    await this.discard(family.map(({ picture_media_id }) => picture_media_id));
    return true;
  }

  /** Deletes rows of other tables that contain a number of the client. */
  private async forgetNumbers(numbers: readonly string[]): Promise<void> {
    if (numbers.length === 0) return;
    const patterns = numbers.map((number) => `%${number.replaceAll(/[\\%_]/g, "\\$&")}%`);
    await this.scope.rows(
      "delete from profile_picture_checks where company_id = :companyId and whatsapp_number = any(:numbers::text[])",
      { numbers: [...numbers] },
    );
    for (const table of ["unknown_payloads", "pending_facts"])
      await this.scope.rows(
        `delete from ${table} where company_id = :companyId and payload like any(:patterns::text[])`,
        {
          patterns,
        },
      );
  }

  /** Deletes about `limit` messages, with the rows of files that only they used. Also those that are still to be sent. */
  async removeMessages(clientId: string, limit: number): Promise<number> {
    const removed = await this.scope.rows<{ media_id: string | null }>(
      `with found as (
         select m.id from client_erasures e
         join chats ch on ch.company_id = e.company_id and ch.client_id = any(e.family)
         cross join lateral (select m.id from messages m where m.company_id = ch.company_id and m.chat_id = ch.id limit :limit) m
         where e.company_id = :companyId and e.client_id = :clientId limit :limit
       ), removed as (
         delete from messages m using found f where m.company_id = :companyId and m.id = f.id
         returning m.media_id, m.session_id, m.direction, m.wa_key
       ), downloads as (
         delete from media_downloads d using removed r where d.company_id = :companyId and d.session_id = r.session_id
           and d.direction = r.direction and d.wa_key = r.wa_key
       )
       select media_id from removed`,
      { clientId, limit },
    );
    await this.discard(removed.map(({ media_id }) => media_id));
    if (removed.length > 0)
      await this.scope.rows(
        `update client_erasures set removed_messages = removed_messages + :count
         where company_id = :companyId and client_id = :clientId`,
        { clientId, count: removed.length },
      );
    return removed.length;
  }

  /** Deletes the chats and the clients, after their messages. Returns how many messages were deleted; undefined when it is finished already. */
  async finish(clientId: string): Promise<number | undefined> {
    const erasure = await this.scope.row<{ family: string[]; removed_messages: string }>(
      `select family, removed_messages from client_erasures where company_id = :companyId and client_id = :clientId for update`,
      { clientId },
    );
    if (!erasure) return undefined;
    const ids = erasure.family;
    const chats = await this.scope.rows<{ id: string; session_id: string; wa_chat_id: string }>(
      "delete from chats where company_id = :companyId and client_id = any(:ids::uuid[]) returning id, session_id, wa_chat_id",
      { ids },
    );
    await this.scope.rows(
      `delete from session_gap_chats g using unnest(:sessionIds::uuid[], :waChatIds::text[]) n (session_id, chat)
       where g.company_id = :companyId and g.session_id = n.session_id and g.chat = n.chat`,
      { sessionIds: chats.map(({ session_id }) => session_id), waChatIds: chats.map(({ wa_chat_id }) => wa_chat_id) },
    );
    await this.scope.rows("delete from clients where company_id = :companyId and id = any(:ids::uuid[])", { ids });
    await this.scope.rows("delete from client_erasures where company_id = :companyId and client_id = :clientId", {
      clientId,
    });
    return Number(erasure.removed_messages);
  }

  private async discard(mediaIds: readonly (string | null)[]): Promise<void> {
    const removals = new MediaRemovalRepository(this.scope);
    for (const id of new Set(mediaIds.flatMap((each) => each ?? []))) await removals.discard(id);
  }
}
