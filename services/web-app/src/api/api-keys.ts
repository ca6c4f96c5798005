import type { ApiKey, ApiKeyScope, NewApiKey, Page } from "@syszap/contracts";
import type { Http } from "./http.ts";

interface ApiKeySettings {
  name: string;
  scopes: ApiKeyScope[];
  /** Absent: it has no end. */
  expiresAt?: string;
}

/** What programs sign in with. */
export class ApiKeyApi {
  private readonly http: Http;

  constructor(http: Http) {
    this.http = http;
  }

  list = (before: string | undefined, signal: AbortSignal) =>
    this.http.json<Page<ApiKey>>("/v1/api-keys", { query: { before, limit: 50 }, signal });
  create = (body: ApiKeySettings) => this.http.json<NewApiKey>("/v1/api-keys", { method: "POST", body });
  revoke = (id: string) => this.http.json<void>(`/v1/api-keys/${id}`, { method: "DELETE" });
}
