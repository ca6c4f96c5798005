import type { ApiKeyScope, Role } from "@syszap/contracts";
import type { Knex } from "knex";
import { queryRow } from "../sql/query.ts";

/** The user that a program acts for, and what it may do. */
export interface ApiKeyHolder {
  id: string;
  companyId: string;
  userId: string;
  /** The user's present role, which bounds what the key may do. */
  userRole: Role;
  scopes: ApiKeyScope[];
  expiresAt: Date | null;
  isCompanySuspended: boolean;
}

/** Finds API keys when their company is unknown. */
export class ApiKeyDirectory {
  constructor(private readonly db: Knex) {}

  /** Undefined when the key is unknown, revoked or expired, or its user is disabled. Records the time of use at most once a minute. */
  async use(secretHash: Buffer): Promise<ApiKeyHolder | undefined> {
    return queryRow<ApiKeyHolder>(
      this.db,
      `with used as (
         select k.id, k.company_id, k.user_id, u.role, k.scopes, k.expires_at, k.last_used_at,
           exists (select from companies c where c.id = k.company_id and c.suspended_at is not null) as is_suspended
         from api_keys k
         join users u on u.company_id = k.company_id and u.id = k.user_id and u.disabled_at is null
         where k.secret_hash = :secretHash and k.revoked_at is null
           and (k.expires_at is null or k.expires_at > now())),
       noted as (
         update api_keys k set last_used_at = now() from used
         where k.company_id = used.company_id and k.id = used.id
           and not used.is_suspended and (k.last_used_at is null or k.last_used_at < now() - interval '1 minute'))
       select id, company_id as "companyId", user_id as "userId", role as "userRole", scopes, expires_at as "expiresAt",
         is_suspended as "isCompanySuspended" from used`,
      { secretHash },
    );
  }
}
