import type { Knex } from "knex";
import { queryRows } from "../../sql/query.ts";
import { recordRevocation } from "./record-revocation.ts";

/** Condition on a row `l` of `logins`. */
export const isOpenLogin = `exists (select from refresh_tokens t where t.company_id = l.company_id and t.login_id = l.id
  and t.revoked_at is null and t.expires_at > now())`;

/** Serialises the exchanges and the end of one login until the transaction ends. A row lock would not cover new successors. */
export async function lockLogin(
  trx: Knex,
  { companyId, loginId }: { companyId: string; loginId: string },
): Promise<void> {
  const name = JSON.stringify(["login", companyId, loginId]);
  await queryRows(trx, "select pg_advisory_xact_lock(hashtextextended(:name, 0))", { name });
}

/** Ends a login in the caller's transaction. */
export async function revokeTokens(trx: Knex, login: { companyId: string; loginId: string }): Promise<void> {
  const { companyId, loginId } = login;
  const revoked = await queryRows(
    trx,
    `update refresh_tokens set revoked_at = now()
     where company_id = :companyId and login_id = :loginId and revoked_at is null returning login_id`,
    { companyId, loginId },
  );
  await queryRows(trx, "delete from push_subscriptions where company_id = :companyId and login_id = :loginId", login);
  if (revoked.length > 0) await recordRevocation(trx, { companyId, loginId });
}

/** Ends the open logins of a user except `keep` in the caller's transaction, and returns how many. Works with both roles. */
export async function endLogins(
  trx: Knex,
  { companyId, userId, keep }: { companyId: string; userId: string; keep?: string | undefined },
): Promise<number> {
  const rows = await queryRows<{ id: string }>(
    trx,
    `select l.id from logins l where l.company_id = :companyId and l.user_id = :userId
       and l.id <> all(:kept::uuid[]) and ${isOpenLogin} order by l.id`,
    { companyId, userId, kept: keep === undefined ? [] : [keep] },
  );
  for (const { id: loginId } of rows) {
    await lockLogin(trx, { companyId, loginId });
    await revokeTokens(trx, { companyId, loginId });
  }
  return rows.length;
}
