import type { Knex } from "knex";
import { endLogins, isOpenLogin, lockLogin, revokeTokens } from "../../repositories/accounts/login-chain.ts";
import { type AuditActor, recordAudit } from "../../repositories/audit/audit-recorder.ts";
import { queryRow, queryRows } from "../../sql/query.ts";
import type { Login } from "../refresh-token-repository.ts";

/** A login that has not ended. */
export interface LoginInfo {
  id: string;
  userAgent: string | null;
  address: string | null;
  startedAt: Date;
  lastSeenAt: Date;
}
interface UserOf {
  companyId: string;
  userId: string;
}

/** The logins of a user that have not ended. */
export class OpenLogins {
  constructor(private readonly db: Knex) {}

  /** Last used first. */
  list({ companyId, userId }: UserOf, limit: number): Promise<LoginInfo[]> {
    return queryRows<LoginInfo>(
      this.db,
      `select l.id, l.user_agent as "userAgent", l.address, l.started_at as "startedAt", l.last_seen_at as "lastSeenAt"
       from logins l where l.company_id = :companyId and l.user_id = :userId and ${isOpenLogin}
       order by l.last_seen_at desc, l.id limit :limit`,
      { companyId, userId, limit },
    );
  }

  /** False when the user has no open login with this id. */
  endOne(login: Login, actor: AuditActor): Promise<boolean> {
    return this.db.transaction(async (trx) => {
      const { companyId, userId, loginId } = login;
      await lockLogin(trx, login);
      const open = await queryRow(
        trx,
        `select from logins l where l.company_id = :companyId and l.user_id = :userId and l.id = :loginId and ${isOpenLogin}`,
        { companyId, userId, loginId },
      );
      if (!open) return false;
      await revokeTokens(trx, login);
      const action = actor.loginId === loginId ? "signed_out" : "login_ended";
      await recordAudit(trx, companyId, actor, { action, target: { kind: "login", id: loginId } });
      return true;
    });
  }

  /** Ends all of them except `keep`. */
  endAll(user: UserOf & { keep?: string | undefined }, actor: AuditActor): Promise<void> {
    return this.db.transaction(async (trx) => {
      const count = await endLogins(trx, user);
      const target = { kind: "user", id: user.userId } as const;
      await recordAudit(trx, user.companyId, actor, { action: "logins_ended", target, after: { count } });
    });
  }
}
