import type { Language } from "@syszap/contracts";
import type { Knex } from "knex";
import type { AccountLinkKind } from "../../repositories/accounts/account-link-repository.ts";
import { endLogins } from "../../repositories/accounts/login-chain.ts";
import { type AuditActor, recordAudit } from "../../repositories/audit/audit-recorder.ts";
import { queryRow, queryRows } from "../../sql/query.ts";

/** A link that can still be used, and its user. */
export interface OpenAccountLink {
  companyId: string;
  userId: string;
  id: string;
  kind: AccountLinkKind;
  companyName: string;
  email: string;
  name: string;
  language: Language;
  expiresAt: Date;
}
/** A link whose e-mail is due. */
export interface DueMail extends OpenAccountLink {
  nonce: Buffer;
  tokenHash: Buffer;
  /** Includes the attempt that the caller makes now. */
  attempts: number;
}
type LinkId = Pick<OpenAccountLink, "companyId" | "id">;
interface AcceptedInvitation {
  passwordHash: string;
  name?: string | undefined;
  language?: Language | undefined;
}

const isUsable = `l.used_at is null and l.revoked_at is null and l.expires_at > now() and u.disabled_at is null
  and (l.kind = 'password_reset') = (u.activated_at is not null)`;
const columns = `l.company_id as "companyId", l.user_id as "userId", l.id, l.kind, c.name as "companyName", u.email, u.name,
  u.language, l.expires_at as "expiresAt"`;
const joined = `account_links l join users u on u.company_id = l.company_id and u.id = l.user_id
  join companies c on c.id = l.company_id`;

/** Links to set a password, of all companies. */
export class AccountLinkDirectory {
  constructor(private readonly db: Knex) {}

  /** Undefined when the link is unknown, used, replaced or expired, or its user is disabled. */
  find(kind: AccountLinkKind, tokenHash: Buffer): Promise<OpenAccountLink | undefined> {
    return queryRow<OpenAccountLink>(
      this.db,
      `select ${columns} from ${joined} where l.token_hash = :tokenHash and l.kind = :kind and ${isUsable}`,
      { kind, tokenHash },
    );
  }

  /** Sets the password and activates the user. False when the link cannot be used any more. */
  accept(
    link: OpenAccountLink,
    { passwordHash, name, language }: AcceptedInvitation,
    actor: AuditActor,
  ): Promise<boolean> {
    return this.db.transaction(async (trx) => {
      if (!(await use(trx, link))) return false;
      const { companyId, userId } = link;
      await queryRows(
        trx,
        `update users set password_hash = :passwordHash, activated_at = now(), updated_at = now(),
           name = coalesce(:name, name), language = coalesce(:language, language)
         where company_id = :companyId and id = :userId`,
        { companyId, userId, passwordHash, name: name ?? null, language: language ?? null },
      );
      const target = { kind: "user", id: userId } as const;
      await recordAudit(trx, companyId, actor, { action: "invitation_accepted", target });
      return true;
    });
  }

  /** Sets the password and ends all logins. False when the link cannot be used any more. */
  resetPassword(link: OpenAccountLink, passwordHash: string, actor: AuditActor): Promise<boolean> {
    return this.db.transaction(async (trx) => {
      if (!(await use(trx, link))) return false;
      const { companyId, userId } = link;
      await queryRows(
        trx,
        `update users set password_hash = :passwordHash, updated_at = now()
         where company_id = :companyId and id = :userId`,
        { companyId, userId, passwordHash },
      );
      const target = { kind: "user", id: userId } as const;
      await recordAudit(trx, companyId, actor, { action: "password_reset", target });
      await endLogins(trx, { companyId, userId });
      return true;
    });
  }

  /** Claims e-mails that are due. Until `leaseMs` passed, no other process claims them. */
  async claimDue(limit: number, leaseMs: number): Promise<DueMail[]> {
    await queryRows(
      this.db,
      `update account_links l set mail = 'failed', next_attempt_at = null,
         mail_error = coalesce(l.mail_error, 'the link ended before the e-mail was sent')
       where l.next_attempt_at <= now() and (l.expires_at <= now() or l.used_at is not null or l.revoked_at is not null)`,
    );
    return queryRows<DueMail>(
      this.db,
      `with due as (
         select l.company_id, l.id from account_links l
         where l.next_attempt_at <= now() and l.expires_at > now() and l.used_at is null and l.revoked_at is null
         order by l.next_attempt_at limit :limit for update skip locked
       ), claimed as (
         update account_links l set attempts = l.attempts + 1,
           next_attempt_at = now() + :leaseMs * interval '1 millisecond'
         from due where l.company_id = due.company_id and l.id = due.id returning l.*
       )
       select ${columns}, l.nonce, l.token_hash as "tokenHash", l.attempts
       from claimed l join users u on u.company_id = l.company_id and u.id = l.user_id
       join companies c on c.id = l.company_id`,
      { limit, leaseMs },
    );
  }

  async noteSent({ companyId, id }: LinkId): Promise<void> {
    await queryRows(
      this.db,
      `update account_links set mail = 'sent', next_attempt_at = null, mail_error = null
       where company_id = :companyId and id = :id and mail = 'queued'`,
      { companyId, id },
    );
  }

  /** `retryAfterMs` undefined: the e-mail has failed for good. */
  async noteFailure({ companyId, id }: LinkId, error: string, retryAfterMs: number | undefined): Promise<void> {
    await queryRows(
      this.db,
      `update account_links set mail_error = left(:error, 500),
         mail = case when :retryAfterMs::float8 is null then 'failed' else mail end,
         next_attempt_at = now() + :retryAfterMs::float8 * interval '1 millisecond'
       where company_id = :companyId and id = :id and mail = 'queued'`,
      { companyId, id, error, retryAfterMs: retryAfterMs ?? null },
    );
  }

  /** Deletes links that expired more than 30 days ago, but not the invitations of people who have not accepted. */
  async deleteOld(limit = 1_000): Promise<number> {
    const rows = await queryRows(
      this.db,
      `delete from account_links where (company_id, id) in (
         select l.company_id, l.id from account_links l
         join users u on u.company_id = l.company_id and u.id = l.user_id
         where l.expires_at < now() - interval '30 days' and (l.revoked_at is not null or u.activated_at is not null)
         limit :limit
       ) returning id`,
      { limit },
    );
    return rows.length;
  }
}

/** Marks the link as used. False when it cannot be used any more. Concurrent uses wait for each other. */
async function use(trx: Knex, { companyId, id }: LinkId): Promise<boolean> {
  const row = await queryRow(
    trx,
    `update account_links l set used_at = now(), next_attempt_at = null,
       mail = case when l.mail = 'queued' then 'sent' else l.mail end
     from users u where l.company_id = :companyId and l.id = :id
       and u.company_id = l.company_id and u.id = l.user_id and ${isUsable} returning l.id`,
    { companyId, id },
  );
  return row !== undefined;
}
