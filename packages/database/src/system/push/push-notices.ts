import type { Audience, Language, Role } from "@syszap/contracts";
import type { Knex } from "knex";
import { isOpenLogin } from "../../repositories/accounts/login-chain.ts";
import { queryRows } from "../../sql/query.ts";
import type { PushTarget } from "./push-subscriptions.ts";

/** A received message about which users may have to be notified. */
export interface PushNotice {
  companyId: string;
  chatId: string;
  /** Of the client or group; may be empty. */
  name: string;
  audience: Audience;
  checkId: string;
}
/** A user with at least one subscription. */
export interface PushRecipient {
  companyId: string;
  userId: string;
  role: Role;
  teams: string[];
  /** The logins that are subscribed. */
  loginIds: string[];
}
/** A notice for one login: about the messages of a chat, or of several chats. */
export interface PushOrder {
  companyId: string;
  loginId: string;
  chat: { id: string; name: string } | null;
  count: number;
}
/** A notice to send now. */
export interface DuePush extends PushOrder {
  id: string;
  target: PushTarget;
  language: Language;
  /** Attempts so far, with this one. */
  attempts: number;
}
interface NoticeRow {
  company_id: string;
  event_id: string;
  chat_id: string;
  name: string;
  audience: Audience;
  check_id: string;
}
interface DueRow {
  company_id: string;
  id: string;
  login_id: string;
  chat_id: string | null;
  name: string | null;
  count: number;
  attempts: number;
  endpoint: string;
  p256dh: string;
  auth: string;
  language: Language;
}

/** Push notices of all companies, for senders. Several senders may work at the same time. */
export class PushNotices {
  constructor(private readonly db: Knex) {}

  /** Marks new notices as checked now. Returns the companies that have any. */
  async startCheck(checkId: string, limit: number): Promise<string[]> {
    const rows = await queryRows<{ company_id: string }>(
      this.db,
      `with checked as (
         update push_notices set check_id = :checkId, checked_at = now() where (company_id, event_id) in (
           select company_id, event_id from push_notices where checked_at is null
           order by created_at limit :limit for update skip locked)
         returning company_id)
       select distinct company_id from checked`,
      { checkId, limit },
    );
    return rows.map((row) => row.company_id);
  }

  /** The users of the companies who have a subscription. Those of suspended companies, and disabled ones, are left out. */
  async recipients(companyIds: readonly string[], db: Knex = this.db): Promise<PushRecipient[]> {
    return queryRows<PushRecipient>(
      db,
      `select u.company_id as "companyId", u.id as "userId", u.role,
         array(select m.team_id::text from team_members m where m.company_id = u.company_id and m.user_id = u.id) as teams,
         array_agg(l.id::text) as "loginIds"
       from push_subscriptions s
         join logins l on l.company_id = s.company_id and l.id = s.login_id
         join users u on u.company_id = l.company_id and u.id = l.user_id
         join companies c on c.id = u.company_id
       where s.company_id = any(:companyIds::uuid[]) and u.disabled_at is null and c.suspended_at is null and ${isOpenLogin}
       group by u.company_id, u.id, u.role`,
      { companyIds: [...companyIds] },
    );
  }

  /**
   * Replaces notices whose check began at least `afterMs` ago by what `decide` returns for them, in one transaction. Returns the number
   * of notices.
   */
  settle(
    { afterMs, limit }: { afterMs: number; limit: number },
    decide: (notices: PushNotice[], recipients: PushRecipient[]) => Promise<PushOrder[]>,
  ): Promise<number> {
    return this.db.transaction(async (trx) => {
      const rows = await queryRows<NoticeRow>(
        trx,
        `delete from push_notices where (company_id, event_id) in (
           select company_id, event_id from push_notices
           where checked_at <= clock_timestamp() - :afterMs * interval '1 millisecond'
           order by created_at limit :limit for update skip locked)
         returning company_id, event_id, chat_id, name, audience, check_id`,
        { afterMs, limit },
      );
      if (rows.length === 0) return 0;
      const recipients = await this.recipients([...new Set(rows.map((row) => row.company_id))], trx);
      for (const { companyId, loginId, chat, count } of await decide(rows.map(toNotice), recipients))
        await queryRows(
          trx,
          `insert into push_deliveries (company_id, login_id, chat_id, name, count)
           select :companyId, :loginId, :chatId, :name, :count
           where exists (select from push_subscriptions where company_id = :companyId and login_id = :loginId)`,
          { companyId, loginId, chatId: chat?.id ?? null, name: chat?.name ?? null, count },
        );
      return rows.length;
    });
  }

  /** Claims notices to send. One whose sender dies is due again after `forMs`. */
  async claim({ limit, forMs }: { limit: number; forMs: number }): Promise<DuePush[]> {
    const rows = await queryRows<DueRow>(
      this.db,
      `update push_deliveries d set attempts = d.attempts + 1, next_attempt_at = now() + :forMs * interval '1 millisecond'
       from push_subscriptions s
         join logins l on l.company_id = s.company_id and l.id = s.login_id
         join users u on u.company_id = l.company_id and u.id = l.user_id
       where s.company_id = d.company_id and s.login_id = d.login_id and (d.company_id, d.id) in (
         select company_id, id from push_deliveries where next_attempt_at <= now()
         order by next_attempt_at limit :limit for update skip locked)
       returning d.company_id, d.id, d.login_id, d.chat_id, d.name, d.count, d.attempts,
         s.endpoint, s.p256dh, s.auth, u.language`,
      { limit, forMs },
    );
    return rows.map(toDuePush);
  }

  /** The notice was sent, or is given up. */
  async remove({ companyId, id }: Pick<DuePush, "companyId" | "id">): Promise<void> {
    await queryRows(this.db, "delete from push_deliveries where company_id = :companyId and id = :id", {
      companyId,
      id,
    });
  }

  async retry({ companyId, id }: Pick<DuePush, "companyId" | "id">, inMs: number): Promise<void> {
    await queryRows(
      this.db,
      `update push_deliveries set next_attempt_at = now() + :inMs * interval '1 millisecond'
       where company_id = :companyId and id = :id`,
      { companyId, id, inMs },
    );
  }

  /** Removes a subscription that its push service does not know any more, unless the browser has replaced it. */
  async forget({ companyId, loginId, target }: DuePush): Promise<void> {
    await queryRows(
      this.db,
      "delete from push_subscriptions where company_id = :companyId and login_id = :loginId and endpoint = :endpoint",
      { companyId, loginId, endpoint: target.endpoint },
    );
  }

  /** Removes notices that are too old to be useful, for example after no sender ran. Returns how many. */
  async removeOld(ageMs: number): Promise<number> {
    const counts = await queryRows<{ id: string }>(
      this.db,
      `with notices as (delete from push_notices where created_at < now() - :ageMs * interval '1 millisecond' returning event_id),
         deliveries as (delete from push_deliveries where created_at < now() - :ageMs * interval '1 millisecond' returning id)
       select event_id as id from notices union all select id from deliveries`,
      { ageMs },
    );
    return counts.length;
  }
}

const toNotice = (row: NoticeRow): PushNotice => ({
  companyId: row.company_id,
  chatId: row.chat_id,
  name: row.name,
  audience: row.audience,
  checkId: row.check_id,
});

const toDuePush = (row: DueRow): DuePush => ({
  companyId: row.company_id,
  id: row.id,
  loginId: row.login_id,
  chat: row.chat_id === null ? null : { id: row.chat_id, name: row.name ?? "" },
  count: row.count,
  attempts: row.attempts,
  target: { endpoint: row.endpoint, keys: { p256dh: row.p256dh, auth: row.auth } },
  language: row.language,
});
