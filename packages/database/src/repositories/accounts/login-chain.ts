import type { Knex } from "knex";
import { queryRows } from "../../sql/query.ts";

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

export async function revokeTokens(db: Knex, login: { companyId: string; loginId: string }): Promise<void> {
  await queryRows(
    db,
    `update refresh_tokens set revoked_at = now()
     where company_id = :companyId and login_id = :loginId and revoked_at is null`,
    { companyId: login.companyId, loginId: login.loginId },
  );
}

/** Ends the open logins of a user except `keep` in the caller's transaction, and returns their ids. Works with both roles. */
export async function endLogins(
  trx: Knex,
  { companyId, userId, keep }: { companyId: string; userId: string; keep?: string | undefined },
): Promise<string[]> {
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
  return rows.map(({ id }) => id);
}
