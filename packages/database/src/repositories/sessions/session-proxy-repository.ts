import type { Scope } from "../../sql/query.ts";

export interface StoredProxy {
  scheme: "http" | "socks5";
  host: string;
  port: number;
  sealedCredentials: Buffer | null;
}

const raiseSettingsVersion = `update whatsapp_sessions set settings_version = settings_version + 1
  where company_id = :companyId and id = :sessionId`;

interface ProxyRow extends Omit<StoredProxy, "sealedCredentials"> {
  sealed_credentials: Buffer | null;
}

/** Proxies through which sessions reach WhatsApp. Each change raises the version of the session's settings. */
export class SessionProxyRepository {
  constructor(private readonly scope: Scope) {}

  async find(sessionId: string): Promise<StoredProxy | undefined> {
    const row = await this.scope.row<ProxyRow>(
      `select scheme, host, port, sealed_credentials from session_proxies
       where company_id = :companyId and session_id = :sessionId`,
      { sessionId },
    );
    return row && { scheme: row.scheme, host: row.host, port: row.port, sealedCredentials: row.sealed_credentials };
  }

  async set(sessionId: string, proxy: StoredProxy): Promise<void> {
    await this.scope.rows(
      `with stored as (
         insert into session_proxies (company_id, session_id, scheme, host, port, sealed_credentials)
         values (:companyId, :sessionId, :scheme, :host, :port, :sealedCredentials)
         on conflict (company_id, session_id) do update set scheme = excluded.scheme, host = excluded.host,
           port = excluded.port, sealed_credentials = excluded.sealed_credentials, updated_at = now()
       ) ${raiseSettingsVersion}`,
      { sessionId, ...proxy },
    );
  }

  async delete(sessionId: string): Promise<void> {
    await this.scope.rows(
      `with removed as (delete from session_proxies where company_id = :companyId and session_id = :sessionId)
       ${raiseSettingsVersion}`,
      { sessionId },
    );
  }
}
