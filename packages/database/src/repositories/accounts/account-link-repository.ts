import type { Scope } from "../../sql/query.ts";

export type AccountLinkKind = "invitation" | "password_reset";

export interface NewAccountLink {
  userId: string;
  kind: AccountLinkKind;
  /** The token is derived from it. */
  nonce: Buffer;
  tokenHash: Buffer;
  lifeMs: number;
  /** `queued`: a sender sends it by e-mail. */
  mail: "queued" | "off";
}

/** Links with which users of the company set a password. `SystemRepositories.accountLinks` finds them by their token. */
export class AccountLinkRepository {
  constructor(private readonly scope: Scope) {}

  /** Ends the user's earlier links of the kind. The caller must hold the lock of all users. */
  async create({ lifeMs, ...link }: NewAccountLink): Promise<{ expiresAt: Date }> {
    await this.endAll(link);
    return this.scope.one(
      `insert into account_links (company_id, user_id, kind, nonce, token_hash, expires_at, mail, next_attempt_at)
       values (:companyId, :userId, :kind, :nonce, :tokenHash, now() + :lifeMs * interval '1 millisecond', :mail,
         case when :mail = 'queued' then now() end)
       returning expires_at as "expiresAt"`,
      { ...link, lifeMs },
    );
  }

  /** Ends the user's links of a kind, or of all kinds. */
  async endAll({ userId, kind }: { userId: string; kind?: AccountLinkKind }): Promise<void> {
    await this.scope.row(
      `update account_links set revoked_at = now(), next_attempt_at = null,
         mail = case when mail = 'queued' then 'failed' else mail end
       where company_id = :companyId and user_id = :userId and kind = coalesce(:kind, kind)
         and used_at is null and revoked_at is null`,
      { userId, kind: kind ?? null },
    );
  }
}
