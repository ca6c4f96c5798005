import type { Me, Role } from "@syszap/contracts";
import type { Knex } from "knex";
import { EmailTakenError } from "../errors.ts";
import { queryOne, queryRow } from "../sql/query.ts";

/** A user with the data that signing in needs. */
export interface Account extends Me {
  passwordHash: string;
  isDisabled: boolean;
  isCompanySuspended: boolean;
}
interface AccountRow {
  id: string;
  company_id: string;
  company_name: string;
  email: string;
  name: string;
  role: Role;
  password_hash: string;
  disabled_at: Date | null;
  is_company_suspended: boolean;
}

const accounts = `select u.*, c.name as company_name,
  c.suspended_at is not null as is_company_suspended from users u join companies c on c.id = u.company_id`;
const toAccount = (row: AccountRow): Account => ({
  userId: row.id,
  companyId: row.company_id,
  companyName: row.company_name,
  name: row.name,
  email: row.email,
  role: row.role,
  passwordHash: row.password_hash,
  isDisabled: row.disabled_at !== null,
  isCompanySuspended: row.is_company_suspended,
});

/** State and role of a login at the time of the query. */
export interface LoginState {
  /** False once the login was signed out or revoked, its user was disabled or removed, or its company was suspended. */
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
           where k.company_id = u.company_id and k.id = :loginId and k.revoked_at is not null) as "isActive"
       from users u where u.company_id = :companyId and u.id = :userId`,
      login,
    );
  }

  /** Throws `EmailTakenError` when the address has a user already. */
  async createUser(user: {
    companyId: string;
    email: string;
    name: string;
    role: Role;
    passwordHash: string;
  }): Promise<Account> {
    const added = await queryRow<{ id: string }>(
      this.db,
      `insert into users (company_id, email, name, role, password_hash)
       values (:companyId, lower(:email), :name, :role, :passwordHash)
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
