import type { Language, Me, Role } from "@syszap/contracts";
import type { Knex } from "knex";
import { EmailTakenError } from "../errors.ts";
import { endLogins } from "../repositories/accounts/login-chain.ts";
import { hasSecondFactor } from "../repositories/accounts/user-repository.ts";
import { type AuditActor, recordAudit } from "../repositories/audit/audit-recorder.ts";
import { queryOne, queryRow } from "../sql/query.ts";

/** A user with the data that signing in needs. */
export interface Account extends Me {
  /** Null while the user has not accepted the invitation. */
  passwordHash: string | null;
  isDisabled: boolean;
  isCompanySuspended: boolean;
  hasSecondFactor: boolean;
  /** The company requires a second factor for the user's role. */
  requiresSecondFactor: boolean;
}
interface AccountRow {
  id: string;
  company_id: string;
  company_name: string;
  email: string;
  name: string;
  role: Role;
  language: Language;
  picture_media_id: string | null;
  password_hash: string | null;
  disabled_at: Date | null;
  is_company_suspended: boolean;
  has_second_factor: boolean;
  requires_second_factor: boolean;
}

/** Of the user `u` and the company `c`. */
const requiresSecondFactor = "(c.require_second_factor = 'managers' and u.role in ('owner', 'admin'))";
const accounts = `select u.*, c.name as company_name, c.suspended_at is not null as is_company_suspended,
    ${hasSecondFactor} as has_second_factor, ${requiresSecondFactor} as requires_second_factor
  from users u join companies c on c.id = u.company_id`;
const toAccount = (row: AccountRow): Account => ({
  userId: row.id,
  companyId: row.company_id,
  companyName: row.company_name,
  name: row.name,
  email: row.email,
  role: row.role,
  language: row.language,
  pictureId: row.picture_media_id,
  passwordHash: row.password_hash,
  isDisabled: row.disabled_at !== null,
  isCompanySuspended: row.is_company_suspended,
  hasSecondFactor: row.has_second_factor,
  requiresSecondFactor: row.requires_second_factor,
});

/** State and role of a login at the time of the query. */
export interface LoginState {
  /**
   * False once the login was signed out or revoked, its user was disabled or removed or must first set up a second factor, or its
   * company was suspended.
   */
  isActive: boolean;
  /** The user's present role; a token may contain an earlier one. */
  role: Role;
}

/** Finds users when their company is unknown. */
export class LoginRepository {
  constructor(private readonly db: Knex) {}

  /** An e-mail address is unique over all companies. Case does not matter. */
  async findByEmail(email: string): Promise<Account | undefined> {
    const row = await queryRow<AccountRow>(this.db, `${accounts} where u.email = lower(:email)`, { email });
    return row && toAccount(row);
  }

  async findUser(user: { companyId: string; userId: string }): Promise<Account | undefined> {
    const row = await queryRow<AccountRow>(
      this.db,
      `${accounts} where u.company_id = :companyId and u.id = :userId`,
      user,
    );
    return row && toAccount(row);
  }

  /** `loginId` is the id of a login or of an API key. Undefined when there is no such user. */
  async findState(login: { companyId: string; userId: string; loginId: string }): Promise<LoginState | undefined> {
    // All tokens of a login are revoked together, so that any one of them shows whether it ended.
    return queryRow<LoginState>(
      this.db,
      `select u.role, u.disabled_at is null
         and not exists (select from companies c where c.id = u.company_id and c.suspended_at is not null)
         and not coalesce((select t.revoked_at is not null from refresh_tokens t
           where t.company_id = u.company_id and t.login_id = :loginId limit 1), false)
         and not exists (select from api_keys k
           where k.company_id = u.company_id and k.id = :loginId and k.revoked_at is not null)
         and (not ${requiresSecondFactor} or ${hasSecondFactor}
           or exists (select from api_keys k where k.company_id = u.company_id and k.id = :loginId)) as "isActive"
       from users u join companies c on c.id = u.company_id where u.company_id = :companyId and u.id = :userId`,
      login,
    );
  }

  /**
   * Changes the password if `from` is still the stored hash, and ends all logins except `keep`. False when the password was changed
   * meanwhile.
   */
  changePassword(
    { companyId, userId, keep }: { companyId: string; userId: string; keep: string },
    { from, to }: { from: string; to: string },
    actor: AuditActor,
  ): Promise<boolean> {
    return this.db.transaction(async (trx) => {
      const changed = await queryRow(
        trx,
        `update users set password_hash = :to, updated_at = now()
         where company_id = :companyId and id = :userId and password_hash = :from and disabled_at is null returning id`,
        { companyId, userId, from, to },
      );
      if (!changed) return false;
      await recordAudit(trx, companyId, actor, { action: "password_changed", target: { kind: "user", id: userId } });
      await endLogins(trx, { companyId, userId, keep });
      return true;
    });
  }

  /** Adds a user with a password. Throws `EmailTakenError` when the address has a user already. */
  async createUser(user: {
    companyId: string;
    email: string;
    name: string;
    role: Role;
    passwordHash: string;
  }): Promise<Account> {
    const added = await queryRow<{ id: string }>(
      this.db,
      `insert into users (company_id, email, name, role, password_hash, activated_at)
       values (:companyId, lower(:email), :name, :role, :passwordHash, now())
       on conflict (email) do nothing returning id`,
      user,
    );
    if (!added) throw new EmailTakenError();
    const row = await queryOne<AccountRow>(this.db, `${accounts} where u.company_id = :companyId and u.id = :id`, {
      companyId: user.companyId,
      id: added.id,
    });
    return toAccount(row);
  }
}
