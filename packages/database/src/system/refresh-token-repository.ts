import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { Knex } from "knex";
import { queryRow, queryRows } from "../sql/query.ts";

/** The user and the login that a refresh token belongs to. */
export interface Login {
  companyId: string;
  userId: string;
  /** Identifies the chain of refresh tokens that started with one sign-in. */
  loginId: string;
}
export interface IssuedToken extends Login {
  /** Available only here; the database stores its hash. */
  token: string;
  expiresAt: Date;
}
export type RefreshOutcome =
  | ({ kind: "rotated" } & IssuedToken)
  /** A used token was presented again, after its successor was used or too late: it may be stolen. The login was ended; close its sockets. */
  | ({ kind: "reused" } & Login)
  /** The token is unknown or expired, or its login has ended. */
  | { kind: "refused" };

interface TokenRow {
  id: string;
  company_id: string;
  user_id: string;
  login_id: string;
  is_spent: boolean;
  is_live: boolean;
}
const tokenBytes = 32;
/** How long a token may be used again while its successor is unused, because the response with the successor may be lost. Decision 006. */
const leewaySeconds = 10;
const defaultLifetimeMs = 30 * 24 * 60 * 60 * 1_000;

export class RefreshTokenRepository {
  constructor(private readonly db: Knex) {}

  /** Starts a login. */
  issue(user: { companyId: string; userId: string }, lifetimeMs = defaultLifetimeMs): Promise<IssuedToken> {
    return insert(this.db, { ...user, loginId: randomUUID(), parentId: null }, lifetimeMs);
  }

  /** Exchanges a token for the next one of its login. A token may be exchanged once; again only within the leeway, after a lost response. */
  rotate(token: string, lifetimeMs = defaultLifetimeMs): Promise<RefreshOutcome> {
    return this.db.transaction(async (trx) => {
      const row = await queryRow<TokenRow>(
        trx,
        `select id, company_id, user_id, login_id, revoked_at is null and expires_at > now() as is_live,
           used_at is not null and (
             used_at < now() - make_interval(secs => :leewaySeconds)
             or exists (select from refresh_tokens next
               where next.company_id = token.company_id and next.parent_id = token.id and next.used_at is not null)
           ) as is_spent
         from refresh_tokens token where token_hash = :hash for update`,
        { hash: hashOf(token), leewaySeconds },
      );
      if (!row?.is_live) return { kind: "refused" };
      const login = { companyId: row.company_id, userId: row.user_id, loginId: row.login_id };
      if (row.is_spent) {
        await revoke(trx, login);
        return { kind: "reused", ...login };
      }
      await queryRows(trx, "update refresh_tokens set used_at = coalesce(used_at, now()) where token_hash = :hash", {
        hash: hashOf(token),
      });
      return { kind: "rotated", ...(await insert(trx, { ...login, parentId: row.id }, lifetimeMs)) };
    });
  }

  /** Finds the login of a token, used or not, for signing out. */
  async find(token: string): Promise<Login | undefined> {
    const row = await queryRow<TokenRow>(
      this.db,
      "select company_id, user_id, login_id from refresh_tokens where token_hash = :hash",
      { hash: hashOf(token) },
    );
    return row && { companyId: row.company_id, userId: row.user_id, loginId: row.login_id };
  }

  /** Ends one login: none of its tokens can be exchanged any more. */
  revokeLogin(login: { companyId: string; loginId: string }): Promise<void> {
    return revoke(this.db, login);
  }

  /** Ends every login of a user. */
  async revokeUser(user: { companyId: string; userId: string }): Promise<void> {
    await queryRows(
      this.db,
      `update refresh_tokens set revoked_at = now()
       where company_id = :companyId and user_id = :userId and revoked_at is null`,
      user,
    );
  }

  /** Deletes at most `limit` expired tokens, and returns how many. */
  async deleteExpired(limit = 1_000): Promise<number> {
    const rows = await queryRows(
      this.db,
      `delete from refresh_tokens where (company_id, id) in (
         select company_id, id from refresh_tokens where expires_at < now() limit :limit for update skip locked
       ) returning id`,
      { limit },
    );
    return rows.length;
  }
}

async function revoke(db: Knex, login: { companyId: string; loginId: string }): Promise<void> {
  await queryRows(
    db,
    `update refresh_tokens set revoked_at = now()
     where company_id = :companyId and login_id = :loginId and revoked_at is null`,
    { companyId: login.companyId, loginId: login.loginId },
  );
}

async function insert(
  db: Knex,
  { parentId, ...login }: Login & { parentId: string | null },
  lifetimeMs: number,
): Promise<IssuedToken> {
  const token = randomBytes(tokenBytes).toString("base64url");
  const expiresAt = new Date(Date.now() + lifetimeMs);
  await queryRows(
    db,
    `insert into refresh_tokens (company_id, user_id, login_id, parent_id, token_hash, expires_at)
     values (:companyId, :userId, :loginId, :parentId, :hash, :expiresAt)`,
    { ...login, parentId, hash: hashOf(token), expiresAt },
  );
  return { ...login, token, expiresAt };
}

const hashOf = (token: string) => createHash("sha256").update(token).digest();
