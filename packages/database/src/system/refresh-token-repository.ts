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
  /** A spent token was presented: it may be stolen. The login was ended; the caller must close its sockets. */
  | ({ kind: "reused" } & Login)
  /** The token is unknown or expired, or its login has ended. */
  | { kind: "refused" };

interface LoginRow {
  company_id: string;
  user_id: string;
  login_id: string;
}
interface TokenState {
  id: string;
  is_live: boolean;
  is_spent: boolean;
}
const tokenBytes = 32;
const defaultLifetimeMs = 30 * 24 * 60 * 60 * 1_000;

export class RefreshTokenRepository {
  constructor(private readonly db: Knex) {}

  /** Starts a login. */
  issue(user: { companyId: string; userId: string }, lifetimeMs = defaultLifetimeMs): Promise<IssuedToken> {
    return insert(this.db, { ...user, loginId: randomUUID(), parentId: null }, lifetimeMs);
  }

  /**
   * Exchanges a token for a successor. A token may be exchanged again until one of its successors is used, because responses can
   * be lost. It is spent once a successor or a sibling was used; presenting a spent token ends the login. Decision 006.
   */
  rotate(token: string, lifetimeMs = defaultLifetimeMs): Promise<RefreshOutcome> {
    return this.db.transaction(async (trx) => {
      const login = await findLogin(trx, token);
      if (!login) return { kind: "refused" };
      await lockLogin(trx, login);
      const state = await findState(trx, token);
      if (!state?.is_live) return { kind: "refused" };
      if (state.is_spent) {
        await revoke(trx, login);
        return { kind: "reused", ...login };
      }
      await queryRows(
        trx,
        `update refresh_tokens set used_at = coalesce(used_at, now()) where company_id = :companyId and id = :id`,
        { companyId: login.companyId, id: state.id },
      );
      return { kind: "rotated", ...(await insert(trx, { ...login, parentId: state.id }, lifetimeMs)) };
    });
  }

  /** Finds the login of a token, used or not, for signing out. */
  find(token: string): Promise<Login | undefined> {
    return findLogin(this.db, token);
  }

  /** Ends one login: none of its tokens can be exchanged any more, also not those that are being issued. */
  revokeLogin(login: { companyId: string; loginId: string }): Promise<void> {
    return this.db.transaction(async (trx) => {
      await lockLogin(trx, login);
      await revoke(trx, login);
    });
  }

  /** Ends every login of a user. */
  async revokeUser(user: { companyId: string; userId: string }): Promise<void> {
    const rows = await queryRows<LoginRow>(
      this.db,
      `select distinct login_id from refresh_tokens
       where company_id = :companyId and user_id = :userId and revoked_at is null`,
      user,
    );
    for (const { login_id: loginId } of rows) await this.revokeLogin({ companyId: user.companyId, loginId });
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

async function findLogin(db: Knex, token: string): Promise<Login | undefined> {
  const row = await queryRow<LoginRow>(
    db,
    "select company_id, user_id, login_id from refresh_tokens where token_hash = :hash",
    { hash: hashOf(token) },
  );
  return row && { companyId: row.company_id, userId: row.user_id, loginId: row.login_id };
}

/** Serialises the exchanges and the end of one login until the transaction ends. A row lock would not cover new successors. */
async function lockLogin(trx: Knex, { companyId, loginId }: { companyId: string; loginId: string }): Promise<void> {
  const name = JSON.stringify(["login", companyId, loginId]);
  await queryRows(trx, "select pg_advisory_xact_lock(hashtextextended(:name, 0))", { name });
}

/** The caller must hold the lock of the login. Two siblings can therefore never both be used. */
function findState(trx: Knex, token: string): Promise<TokenState | undefined> {
  return queryRow<TokenState>(
    trx,
    `select id, revoked_at is null and expires_at > now() as is_live,
       exists (select from refresh_tokens other
         where other.company_id = token.company_id and other.used_at is not null
           and (other.parent_id = token.id or (other.parent_id = token.parent_id and other.id <> token.id))) as is_spent
     from refresh_tokens token where token_hash = :hash`,
    { hash: hashOf(token) },
  );
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
