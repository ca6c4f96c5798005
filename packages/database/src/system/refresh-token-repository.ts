import { randomUUID } from "node:crypto";
import type { Knex } from "knex";
import { lockLogin, revokeTokens } from "../repositories/accounts/login-chain.ts";
import { type AuditActor, recordAudit } from "../repositories/audit/audit-recorder.ts";
import { queryRow, queryRows } from "../sql/query.ts";
import { shorten, toStorableText } from "../sql/storable-text.ts";
import { hashOfToken, newSecretToken } from "./secret-token.ts";

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
/** The browser or program that signs in or refreshes, as far as it is known. */
export interface Device {
  userAgent?: string | undefined;
  /** Network address. */
  address?: string | undefined;
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
const defaultLifetimeMs = 30 * 24 * 60 * 60 * 1_000;

export class RefreshTokenRepository {
  constructor(private readonly db: Knex) {}

  /** Starts a login. */
  issue(user: { companyId: string; userId: string }, device: Device = {}, lifetimeMs = defaultLifetimeMs) {
    return this.db.transaction((trx) => startLogin(trx, user, device, lifetimeMs));
  }

  /**
   * Starts a login unless the password changed or the user was disabled since `passwordHash` was read. Waits for such a change
   * that is not committed yet, so that it also ends this login.
   */
  issueWithPassword(
    user: { companyId: string; userId: string; passwordHash: string | null },
    { device, actor }: { device: Device; actor: AuditActor },
  ): Promise<IssuedToken | undefined> {
    return this.db.transaction(async (trx) => {
      const { companyId, userId, passwordHash } = user;
      const unchanged = await queryRow(
        trx,
        `select from users where company_id = :companyId and id = :userId and password_hash = :passwordHash
           and disabled_at is null for share`,
        { companyId, userId, passwordHash },
      );
      if (!unchanged) return undefined;
      const token = await startLogin(trx, { companyId, userId }, device, defaultLifetimeMs);
      const target = { kind: "login", id: token.loginId } as const;
      await recordAudit(trx, companyId, { ...actor, loginId: token.loginId }, { action: "signed_in", target });
      return token;
    });
  }

  /**
   * Exchanges a token for a successor. A token may be exchanged again until one of its successors is used, because responses can
   * be lost. It is spent once a successor or a sibling was used; presenting a spent token ends the login. Decision 006.
   */
  rotate(token: string, device: Device = {}, lifetimeMs = defaultLifetimeMs): Promise<RefreshOutcome> {
    return this.db.transaction(async (trx) => {
      const login = await findLogin(trx, token);
      if (!login) return { kind: "refused" };
      await lockLogin(trx, login);
      const state = await findState(trx, token);
      if (!state?.is_live) return { kind: "refused" };
      if (state.is_spent) {
        await revokeTokens(trx, login);
        const target = { kind: "login", id: login.loginId } as const;
        const actor = { kind: "system", address: device.address } as const;
        await recordAudit(trx, login.companyId, actor, { action: "login_stolen", target });
        return { kind: "reused", ...login };
      }
      await queryRows(
        trx,
        `update refresh_tokens set used_at = coalesce(used_at, now()) where company_id = :companyId and id = :id`,
        { companyId: login.companyId, id: state.id },
      );
      await noteUse(trx, login, device);
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
      await revokeTokens(trx, login);
    });
  }

  /**
   * Deletes at most `limit` expired tokens, and returns how many. Also deletes logins without tokens, except the last one of each
   * user, which shows when the user was seen last.
   */
  async deleteExpired(limit = 1_000): Promise<number> {
    const rows = await queryRows(
      this.db,
      `delete from refresh_tokens where (company_id, id) in (
         select company_id, id from refresh_tokens where expires_at < now() limit :limit for update skip locked
       ) returning id`,
      { limit },
    );
    await queryRows(
      this.db,
      `delete from logins where (company_id, id) in (
         select l.company_id, l.id from logins l
         where l.last_seen_at < now() - interval '30 days'
           and not exists (
             select from refresh_tokens t where t.company_id = l.company_id and t.login_id = l.id)
           and exists (
             select from logins newer where newer.company_id = l.company_id and newer.user_id = l.user_id
               and newer.last_seen_at > l.last_seen_at)
         limit :limit for update skip locked
       )`,
      { limit },
    );
    return rows.length;
  }
}

const maxUserAgentLength = 300;
const maxAddressLength = 100;
const describe = ({ userAgent, address }: Device) => ({
  userAgent: userAgent === undefined ? null : shorten(toStorableText(userAgent), maxUserAgentLength),
  address: address === undefined ? null : shorten(address, maxAddressLength),
});

/** Adds a login and its first token, in the caller's transaction. */
async function startLogin(
  trx: Knex,
  { companyId, userId }: { companyId: string; userId: string },
  device: Device,
  lifetimeMs = defaultLifetimeMs,
): Promise<IssuedToken> {
  const login = { companyId, userId, loginId: randomUUID() };
  await queryRows(
    trx,
    `insert into logins (company_id, id, user_id, user_agent, address)
     values (:companyId, :loginId, :userId, :userAgent, :address)`,
    { ...login, ...describe(device) },
  );
  return insert(trx, { ...login, parentId: null }, lifetimeMs);
}

/** Records when and from where a login was used last. */
async function noteUse(trx: Knex, { companyId, loginId }: Login, device: Device): Promise<void> {
  await queryRows(
    trx,
    `update logins set last_seen_at = now(), user_agent = coalesce(:userAgent, user_agent),
       address = coalesce(:address, address)
     where company_id = :companyId and id = :loginId`,
    { companyId, loginId, ...describe(device) },
  );
}

async function findLogin(db: Knex, token: string): Promise<Login | undefined> {
  const row = await queryRow<LoginRow>(
    db,
    "select company_id, user_id, login_id from refresh_tokens where token_hash = :hash",
    { hash: hashOfToken(token) },
  );
  return row && { companyId: row.company_id, userId: row.user_id, loginId: row.login_id };
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
    { hash: hashOfToken(token) },
  );
}

async function insert(
  db: Knex,
  { parentId, ...login }: Login & { parentId: string | null },
  lifetimeMs: number,
): Promise<IssuedToken> {
  const { token, hash } = newSecretToken();
  const expiresAt = new Date(Date.now() + lifetimeMs);
  await queryRows(
    db,
    `insert into refresh_tokens (company_id, user_id, login_id, parent_id, token_hash, expires_at)
     values (:companyId, :userId, :loginId, :parentId, :hash, :expiresAt)`,
    { ...login, parentId, hash, expiresAt },
  );
  return { ...login, token, expiresAt };
}
