import type { Knex } from "knex";
import { isOpenLogin, lockLogin } from "../../repositories/accounts/login-chain.ts";
import { queryOne, queryRows } from "../../sql/query.ts";
import type { Login } from "../refresh-token-repository.ts";

/** Where and how the notices for one browser are sent. */
export interface PushTarget {
  endpoint: string;
  /** Keys of the browser, in base64url. */
  keys: { p256dh: string; auth: string };
}
type LoginKey = Pick<Login, "companyId" | "loginId">;

/** The browsers that receive push notices: at most one per login. A login that ends loses its subscription (`revokeTokens`). */
export class PushSubscriptions {
  constructor(private readonly db: Knex) {}

  async has({ companyId, loginId }: LoginKey): Promise<boolean> {
    const { found } = await queryOne<{ found: boolean }>(
      this.db,
      `select exists (select from push_subscriptions where company_id = :companyId and login_id = :loginId) as found`,
      { companyId, loginId },
    );
    return found;
  }

  /**
   * Stores the subscription of a login, if it has not ended. Removes the one that another login has with the same endpoint, because
   * both are the same browser, and the oldest ones of a user with more than `limit`.
   */
  save({ companyId, userId, loginId }: Login, { endpoint, keys }: PushTarget, limit: number): Promise<boolean> {
    return this.db.transaction(async (trx) => {
      // The end of the login waits for this transaction, and removes the subscription then.
      await lockLogin(trx, { companyId, loginId });
      await queryRows(trx, "delete from push_subscriptions where endpoint = :endpoint", { endpoint });
      const saved = await queryRows(
        trx,
        `insert into push_subscriptions (company_id, login_id, endpoint, p256dh, auth)
         select l.company_id, l.id, :endpoint, :p256dh, :auth from logins l
         where l.company_id = :companyId and l.id = :loginId and ${isOpenLogin}
         on conflict (company_id, login_id) do update
           set endpoint = excluded.endpoint, p256dh = excluded.p256dh, auth = excluded.auth
         returning login_id`,
        { companyId, loginId, endpoint, ...keys },
      );
      await queryRows(
        trx,
        `delete from push_subscriptions where company_id = :companyId and login_id in (
           select s.login_id from push_subscriptions s join logins l on l.company_id = s.company_id and l.id = s.login_id
           where s.company_id = :companyId and l.user_id = :userId order by s.created_at desc offset :limit)`,
        { companyId, userId, limit },
      );
      return saved.length > 0;
    });
  }

  async remove({ companyId, loginId }: LoginKey): Promise<void> {
    await queryRows(this.db, "delete from push_subscriptions where company_id = :companyId and login_id = :loginId", {
      companyId,
      loginId,
    });
  }
}
