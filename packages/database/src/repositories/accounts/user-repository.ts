import type { Language, MailState, Page, Role, UserEntry, UserState } from "@syszap/contracts";
import { lockNames } from "../../sql/locks.ts";
import { fromPageKey, toPage } from "../../sql/page-key.ts";
import type { Scope } from "../../sql/query.ts";
import { endLogins } from "./login-chain.ts";

export interface User {
  id: string;
  name: string;
  email: string;
  role: Role;
  language: Language;
  state: UserState;
  isDisabled: boolean;
  hasSecondFactor: boolean;
  pictureMediaId: string | null;
  lastSeenAt: Date | null;
  createdAt: Date;
  /** The newest invitation of a user who has not accepted it. */
  invitation: { mail: MailState; expiresAt: string } | null;
}
export interface NewUser {
  email: string;
  name: string;
  role: Role;
  language: Language;
}
export interface UserChanges {
  name?: string | undefined;
  role?: Role | undefined;
  language?: Language | undefined;
  isDisabled?: boolean | undefined;
  pictureMediaId?: string | null | undefined;
}
interface UserRow extends Omit<User, "isDisabled" | "invitation"> {
  sortName: string;
  mail: MailState | null;
  expiresAt: Date | null;
}
/** Of the user `u`. */
export const hasSecondFactor = `exists (select from second_factors f
  where f.company_id = u.company_id and f.user_id = u.id and f.activated_at is not null)`;
const selectUsers = `select u.id, u.name, u.email, u.role, u.language, u.picture_media_id as "pictureMediaId",
    (select max(l.last_seen_at) from logins l where l.company_id = u.company_id and l.user_id = u.id) as "lastSeenAt",
    ${hasSecondFactor} as "hasSecondFactor", u.created_at as "createdAt", lower(u.name) as "sortName",
    case when u.disabled_at is not null then 'disabled' when u.activated_at is null then 'invited' else 'active' end as state,
    invitation.mail, invitation.expires_at as "expiresAt"
  from users u left join lateral (
    select l.mail, l.expires_at from account_links l
    where l.company_id = u.company_id and l.user_id = u.id and l.kind = 'invitation'
    order by l.created_at desc, l.id limit 1
  ) invitation on u.activated_at is null`;
const toUser = ({ sortName: _, mail, expiresAt, ...user }: UserRow): User => ({
  ...user,
  isDisabled: user.state === "disabled",
  invitation: mail && expiresAt && { mail, expiresAt: expiresAt.toISOString() },
});

/** The users of the company. `SystemRepositories.logins` finds users for signing in, when the company is unknown. */
export class UserRepository {
  constructor(private readonly scope: Scope) {}

  /**
   * Serialises all changes of users in the company until the transaction ends. Call it before reading data on which a change
   * depends, such as whether there is another owner.
   */
  lockAll(): void {
    lockNames(this.scope, [["users", this.scope.companyId]]);
  }

  async find(id: string): Promise<User | undefined> {
    const row = await this.scope.row<UserRow>(`${selectUsers} where u.company_id = :companyId and u.id = :id`, { id });
    return row && toUser(row);
  }

  async findByEmail(email: string): Promise<User | undefined> {
    const row = await this.scope.row<UserRow>(
      `${selectUsers} where u.company_id = :companyId and u.email = lower(:email)`,
      { email },
    );
    return row && toUser(row);
  }

  /** By name. */
  async list(page: { before?: string | undefined; limit: number }): Promise<Page<User>> {
    const before = fromPageKey(page.before, /^[\w-]*$/);
    const rows = await this.scope.rows<UserRow>(
      `${selectUsers} where u.company_id = :companyId
         ${before ? "and (lower(u.name), u.id) > (:name, :id::uuid)" : ""}
       order by lower(u.name), u.id limit :limit`,
      { limit: page.limit + 1, ...(before && { name: decode(before.value), id: before.id }) },
    );
    return toPage(rows, page.limit, { item: toUser, key: ({ sortName, id }) => ({ value: encode(sortName), id }) });
  }

  /** Adds a user without a password. Undefined when the address has a user in any company. The caller must hold the lock of all users. */
  async invite(user: NewUser): Promise<User | undefined> {
    const row = await this.scope.row<{ id: string }>(
      `insert into users (company_id, email, name, role, language)
       values (:companyId, lower(:email), :name, :role, :language)
       on conflict (email) do nothing returning id`,
      { ...user },
    );
    return row && this.find(row.id);
  }

  async count(): Promise<number> {
    const { count } = await this.scope.one<{ count: number }>(
      "select count(*)::int as count from users where company_id = :companyId",
    );
    return count;
  }

  /** True if an owner other than this user can sign in. The caller must hold the lock of all users. */
  async hasOtherOwner(id: string): Promise<boolean> {
    const row = await this.scope.row(
      `select from users where company_id = :companyId and id <> :id and role = 'owner'
         and disabled_at is null and activated_at is not null limit 1`,
      { id },
    );
    return row !== undefined;
  }

  /** Undefined when there is no such user. Absent changes keep the value. */
  async update(id: string, changes: UserChanges): Promise<User | undefined> {
    await this.scope.row(
      `update users set name = coalesce(:name, name), role = coalesce(:role, role),
         language = coalesce(:language, language), updated_at = now(),
         disabled_at = case when :isDisabled::boolean is null then disabled_at
           when :isDisabled::boolean then coalesce(disabled_at, now()) end,
         picture_media_id = case when :setsPicture then :pictureMediaId::uuid else picture_media_id end
       where company_id = :companyId and id = :id`,
      {
        id,
        name: changes.name ?? null,
        role: changes.role ?? null,
        language: changes.language ?? null,
        isDisabled: changes.isDisabled ?? null,
        setsPicture: changes.pictureMediaId !== undefined,
        pictureMediaId: changes.pictureMediaId ?? null,
      },
    );
    return this.find(id);
  }

  /** The ids of the active owners and admins without a second factor. */
  async managersWithoutSecondFactor(): Promise<string[]> {
    const rows = await this.scope.rows<{ id: string }>(
      `select u.id from users u where u.company_id = :companyId and u.role in ('owner', 'admin')
         and u.activated_at is not null and u.disabled_at is null
         and not ${hasSecondFactor} order by u.id`,
    );
    return rows.map(({ id }) => id);
  }

  /** Ends all logins of a user. */
  async endLogins(id: string): Promise<void> {
    await endLogins(this.scope.db, { companyId: this.scope.companyId, userId: id });
  }

  /** Removes a user who has not accepted the invitation. False when there is none. */
  async removeInvited(id: string): Promise<boolean> {
    const row = await this.scope.row(
      "delete from users where company_id = :companyId and id = :id and activated_at is null returning id",
      { id },
    );
    return row !== undefined;
  }
}

/** The form of the API. Only managers see accounts. */
export function toUserEntry(user: User, { isForManager }: { isForManager: boolean }): UserEntry {
  const { id, name, pictureMediaId: pictureId } = user;
  if (!isForManager) return { id, name, pictureId };
  const { email, role, state, language, hasSecondFactor, invitation } = user;
  const lastSeenAt = user.lastSeenAt?.toISOString() ?? null;
  const createdAt = user.createdAt.toISOString();
  return {
    id,
    name,
    pictureId,
    account: { email, role, state, language, hasSecondFactor, lastSeenAt, createdAt, invitation },
  };
}

const encode = (name: string) => Buffer.from(name).toString("base64url");
const decode = (text: string) => Buffer.from(text, "base64url").toString().replaceAll("\u0000", "");
