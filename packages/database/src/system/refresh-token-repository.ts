import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { Knex } from "knex";
import { queryRow, queryRows } from "../rows/query.ts";

/** Who a refresh token speaks for. */
export interface Login {
  companyId: string;
  userId: string;
  /** The chain of refresh tokens that began with one password. */
  loginId: string;
}
export interface IssuedToken extends Login {
  /** Shown once; the database has only its hash. */
  token: string;
  expiresAt: Date;
}
export type RefreshOutcome =
  | ({ kind: "rotated" } & IssuedToken)
  /** Somebody used a token twice: a copy is about. The whole login was ended; its sockets should be closed. */
  | ({ kind: "reused" } & Login)
  /** Unknown, expired, or of a login that has ended. */
  | { kind: "refused" };

interface TokenRow {
  company_id: string;
  user_id: string;
  login_id: string;
  is_used: boolean;
  is_live: boolean;
}
const tokenBytes = 32;
const defaultLifetimeMs = 30 * 24 * 60 * 60 * 1_000;

export class RefreshTokenRepository {
  constructor(private readonly db: Knex) {}

  /** Begins a login. */
  issue(user: { companyId: string; userId: string }, lifetimeMs = defaultLifetimeMs): Promise<IssuedToken> {
    return insert(this.db, { ...user, loginId: randomUUID() }, lifetimeMs);
  }

  /** Each token is good for one use, which gives the next one of its login. */
  rotate(token: string, lifetimeMs = defaultLifetimeMs): Promise<RefreshOutcome> {
    return this.db.transaction(async (trx) => {
      const row = await queryRow<TokenRow>(
        trx,
        `select company_id, user_id, login_id, used_at is not null as is_used,
           revoked_at is null and expires_at > now() as is_live
         from refresh_tokens where token_hash = :hash for update`,
        { hash: hashOf(token) },
      );
      if (!row?.is_live) return { kind: "refused" };
      const login = { companyId: row.company_id, userId: row.user_id, loginId: row.login_id };
      if (row.is_used) {
        await revoke(trx, login);
        return { kind: "reused", ...login };
      }
      await queryRows(trx, "update refresh_tokens set used_at = now() where token_hash = :hash", {
        hash: hashOf(token),
      });
      return { kind: "rotated", ...(await insert(trx, login, lifetimeMs)) };
    });
  }

  /** Who the token speaks for, used or not: for logging out. */
  async find(token: string): Promise<Login | undefined> {
    const row = await queryRow<TokenRow>(
      this.db,
      "select company_id, user_id, login_id from refresh_tokens where token_hash = :hash",
      { hash: hashOf(token) },
    );
    return row && { companyId: row.company_id, userId: row.user_id, loginId: row.login_id };
  }

  /** Ends one login: none of its tokens refreshes any more. */
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

  /** Answers how many rows of ended logins went away; at most `limit` at a time. */
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

async function insert(db: Knex, login: Login, lifetimeMs: number): Promise<IssuedToken> {
  const token = randomBytes(tokenBytes).toString("base64url");
  const expiresAt = new Date(Date.now() + lifetimeMs);
  await queryRows(
    db,
    `insert into refresh_tokens (company_id, user_id, login_id, token_hash, expires_at)
     values (:companyId, :userId, :loginId, :hash, :expiresAt)`,
    { companyId: login.companyId, userId: login.userId, loginId: login.loginId, hash: hashOf(token), expiresAt },
  );
  return { ...login, token, expiresAt };
}

const hashOf = (token: string) => createHash("sha256").update(token).digest();
