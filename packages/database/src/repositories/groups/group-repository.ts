import { isDeepStrictEqual } from "node:util";
import type { Chat, GroupJob, GroupParticipant, GroupRole, NamedContact } from "@syszap/contracts";
import { isReached, type Scope } from "../../sql/query.ts";
import { toStorableText } from "../../sql/storable-text.ts";
import { ChatRecorder } from "../chats/chat-recorder.ts";
import { type ChatRow, chatsOf, toChat } from "../chats/chat-row.ts";
import { identitiesOf, keyOf } from "../clients/identity-plan.ts";
import { type StoredParticipant, storedParticipant, toParticipant } from "../names/participant.ts";

/** The state of a group as WhatsApp reports it. An absent field did not change. */
export interface GroupReport
  extends Pick<GroupJob, "sessionId" | "waChatId" | "subject" | "participants" | "isMember"> {
  /** Null: the picture was removed. */
  pictureMediaId?: string | null | undefined;
  at: Date;
}
interface GroupRow {
  subject: string | null;
  subject_at: Date | null;
  picture_media_id: string | null;
  picture_at: Date | null;
  participants_at: Date | null;
  is_member: boolean;
  member_at: Date | null;
}
interface ParticipantRow extends StoredParticipant {
  role: GroupRole;
}

/** The groups of the company's sessions. A group is a chat without a client. */
export class GroupRepository {
  constructor(private readonly scope: Scope) {}

  /** Stores what is newer than the stored state. Creates the chat if necessary. Undefined when nothing visible changed. */
  async apply(report: GroupReport): Promise<Chat | undefined> {
    const { id } = await new ChatRecorder(this.scope).upsert(report);
    const row = await this.scope.one<GroupRow>(
      "select * from chat_groups where company_id = :companyId and chat_id = :id",
      { id },
    );
    const isNewer = (value: unknown, at: Date | null) => value !== undefined && (at === null || at <= report.at);
    const next: GroupRow = {
      ...row,
      ...(isNewer(report.subject, row.subject_at) && {
        subject: toStorableText(report.subject ?? ""),
        subject_at: report.at,
      }),
      ...(isNewer(report.pictureMediaId, row.picture_at) && {
        picture_media_id: report.pictureMediaId ?? null,
        picture_at: report.at,
      }),
      ...(isNewer(report.isMember, row.member_at) && { is_member: report.isMember ?? true, member_at: report.at }),
      ...(isNewer(report.participants, row.participants_at) && { participants_at: report.at }),
    };
    const hasNewParticipants =
      report.participants !== undefined &&
      next.participants_at === report.at &&
      (await this.replaceParticipants(id, report.participants));
    await this.save(id, next);
    const isChanged =
      next.subject !== row.subject ||
      next.picture_media_id !== row.picture_media_id ||
      next.is_member !== row.is_member ||
      hasNewParticipants;
    return isChanged ? this.raiseVersion(id) : undefined;
  }

  /** Owners and admins first, then by name. Empty for a chat with a client. */
  async participants(chatId: string): Promise<GroupParticipant[]> {
    const rows = await this.scope.rows<ParticipantRow>(
      `select number, lid, name, role from group_participants
       where company_id = :companyId and chat_id = :chatId and ${isReached("session_id")}
       order by array_position(array['owner', 'admin', 'member'], role), lower(name) nulls last, number`,
      { chatId },
    );
    const named = await this.withNames(rows.map(({ lid, ...row }) => ({ ...row, ...(lid && { lid }) })));
    return named.map((row) => ({ ...toParticipant(row), role: row.role }));
  }

  /** Undefined when there is no such group, or nothing changes. */
  async setNotices(chatId: string, notifyAll: boolean): Promise<Chat | undefined> {
    const row = await this.scope.row<{ chat_id: string }>(
      `update chat_groups set notify_all = :notifyAll where company_id = :companyId and chat_id = :chatId
         and notify_all <> :notifyAll and ${isReached("session_id")} returning chat_id`,
      { chatId, notifyAll },
    );
    return row && this.raiseVersion(chatId);
  }

  /**
   * Adds names where WhatsApp reported none: of the client that the participant is in the company. Other participants stay as they
   * are. No client is created.
   */
  async withNames<Contact extends NamedContact>(contacts: readonly Contact[]): Promise<Contact[]> {
    const unnamed = contacts.filter((contact) => storedParticipant(contact).name === null).flatMap(identitiesOf);
    if (unnamed.length === 0) return [...contacts];
    const rows = await this.scope.prepared.rows<{ key: string; name: string }>(
      `select i.kind || ':' || i.value as key, c.name from client_identities i
         join clients c on c.company_id = i.company_id and c.id = i.client_id
       where i.company_id = :companyId and c.name is not null
         and (i.kind, i.value) in (select * from unnest(:kinds::text[], :values::text[]))`,
      { kinds: unnamed.map(({ kind }) => kind), values: unnamed.map(({ value }) => value) },
    );
    const names = new Map(rows.map(({ key, name }) => [key, name]));
    return contacts.map((contact) => {
      if (storedParticipant(contact).name !== null) return contact;
      const known = identitiesOf(contact)
        .toReversed()
        .map((identity) => names.get(keyOf(identity)));
      return { ...contact, name: known.find((name) => name !== undefined) ?? null };
    });
  }

  private save(chatId: string, row: GroupRow): Promise<unknown> {
    return this.scope.rows(
      `update chat_groups set subject = :subject, subject_at = :subjectAt, picture_media_id = :pictureMediaId,
         picture_at = :pictureAt, is_member = :isMember, member_at = :memberAt, participants_at = :participantsAt,
         participant_count = (select count(*) from group_participants where company_id = :companyId and chat_id = :chatId)
       where company_id = :companyId and chat_id = :chatId`,
      {
        chatId,
        subject: row.subject,
        subjectAt: row.subject_at,
        pictureMediaId: row.picture_media_id,
        pictureAt: row.picture_at,
        isMember: row.is_member,
        memberAt: row.member_at,
        participantsAt: row.participants_at,
      },
    );
  }

  /** False when the same participants are stored. */
  private async replaceParticipants(
    chatId: string,
    reported: NonNullable<GroupReport["participants"]>,
  ): Promise<boolean> {
    const wanted = new Map(reported.map((each) => [each.number, { ...storedParticipant(each), role: each.role }]));
    const before = await this.scope.rows<ParticipantRow & { lid: string | null }>(
      "select number, lid, name, role from group_participants where company_id = :companyId and chat_id = :chatId",
      { chatId },
    );
    const stored = new Map(before.map(({ lid, ...row }) => [row.number, { ...row, ...(lid !== null && { lid }) }]));
    if (isDeepStrictEqual(stored, wanted)) return false;
    await this.scope.rows(
      `with gone as (
         delete from group_participants where company_id = :companyId and chat_id = :chatId
           and not number = any(:numbers::text[])
       )
       insert into group_participants as p (company_id, chat_id, session_id, number, lid, name, role)
       select :companyId, ch.id, ch.session_id, n.number, n.lid, n.name, n.role
       from chats ch, json_to_recordset(:rows::json) n (number text, lid text, name text, role text)
       where ch.company_id = :companyId and ch.id = :chatId
       on conflict (company_id, chat_id, number) do update set lid = excluded.lid, name = excluded.name, role = excluded.role`,
      { chatId, numbers: [...wanted.keys()], rows: JSON.stringify([...wanted.values()]) },
    );
    return true;
  }

  private async raiseVersion(chatId: string): Promise<Chat> {
    const row = await this.scope.one<ChatRow>(
      `with changed as (
         update chats set version = version + 1, updated_at = now() where company_id = :companyId and id = :chatId returning *
       ) ${chatsOf("changed")}`,
      { chatId },
    );
    return toChat(row);
  }
}
