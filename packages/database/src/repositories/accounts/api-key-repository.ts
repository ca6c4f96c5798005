import type { ApiKey, ApiKeyScope, Page } from "@syszap/contracts";
import { lockNames } from "../../sql/locks.ts";
import { fromPageKey, toPage } from "../../sql/page-key.ts";
import type { Scope } from "../../sql/query.ts";
import { recordRevocation } from "./record-revocation.ts";

export interface NewApiKeyRow {
  /** The user who creates the key; requests with it act for this user. */
  userId: string;
  name: string;
  scopes: ApiKeyScope[];
  /** The first characters of the secret. */
  hint: string;
  secretHash: Buffer;
  expiresAt: Date | null;
}
interface ApiKeyRow {
  id: string;
  user_id: string;
  name: string;
  scopes: ApiKeyScope[];
  hint: string;
  expires_at: Date | null;
  last_used_at: Date | null;
  revoked_at: Date | null;
  created_at: Date;
}
const columns = "id, user_id, name, scopes, hint, expires_at, last_used_at, revoked_at, created_at";

/** The API keys of the company. `SystemRepositories.apiKeys` finds the key of a request, whose company is unknown. */
export class ApiKeyRepository {
  constructor(private readonly scope: Scope) {}

  /** Undefined when the company has `limit` keys in use. Creations in one company run one after the other, so the limit is exact. */
  async create(key: NewApiKeyRow, limit: number): Promise<ApiKey | undefined> {
    lockNames(this.scope, [["api keys", this.scope.companyId]]);
    const row = await this.scope.row<ApiKeyRow>(
      `insert into api_keys (company_id, user_id, name, scopes, hint, secret_hash, expires_at)
       select :companyId, :userId, :name, :scopes::text[], :hint, :secretHash, :expiresAt::timestamptz
       where (select count(*) from api_keys where company_id = :companyId and revoked_at is null
         and (expires_at is null or expires_at > now())) < :limit
       returning ${columns}`,
      { ...key, limit },
    );
    return row && toApiKey(row);
  }

  /** Newest first. */
  async list(page: { before?: string | undefined; limit: number }): Promise<Page<ApiKey>> {
    const before = fromPageKey(page.before, /^\d{1,15}$/);
    const rows = await this.scope.rows<ApiKeyRow>(
      `select ${columns} from api_keys where company_id = :companyId
         ${before ? "and (created_at, id) < (to_timestamp(:ms::bigint / 1000.0), :id::uuid)" : ""}
       order by created_at desc, id desc limit :limit`,
      { limit: page.limit + 1, ...(before && { ms: before.value, id: before.id }) },
    );
    return toPage(rows, page.limit, {
      item: toApiKey,
      key: (row) => ({ value: String(row.created_at.getTime()), id: row.id }),
    });
  }

  /** False when there is no such key. Revoking it again keeps the time of the first revocation. */
  async revoke(id: string): Promise<boolean> {
    const row = await this.scope.row(
      `update api_keys set revoked_at = coalesce(revoked_at, now())
       where company_id = :companyId and id = :id returning id`,
      { id },
    );
    if (row) await recordRevocation(this.scope.db, { companyId: this.scope.companyId, loginId: id });
    return row !== undefined;
  }
}

const toApiKey = (row: ApiKeyRow): ApiKey => ({
  id: row.id,
  userId: row.user_id,
  name: row.name,
  scopes: row.scopes,
  hint: row.hint,
  expiresAt: row.expires_at?.toISOString() ?? null,
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
  revokedAt: row.revoked_at?.toISOString() ?? null,
  createdAt: row.created_at.toISOString(),
});
