import { maxApiKeys } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { newApiKeySecret } from "../auth/api-key-secret.ts";
import { auditActorOf } from "../auth/audit-actor.ts";
import type { Revoker } from "../auth/revoker.ts";
import type { HandlersOf } from "../endpoint.ts";
import { notFound, ProblemError } from "../problem.ts";

interface ApiKeyDependencies {
  database: Database;
  revoker: Revoker;
  log: Logger;
}

export const apiKeyRoutes = ({
  database,
  revoker,
  log,
}: ApiKeyDependencies): HandlersOf<"listApiKeys" | "createApiKey" | "revokeApiKey"> => ({
  listApiKeys: ({ query, caller }) => database.withCompany(caller.companyId, ({ apiKeys }) => apiKeys.list(query)),

  createApiKey: async ({ body, caller, req }) => {
    const { companyId, userId } = caller;
    const expiresAt = body.expiresAt === undefined ? null : new Date(body.expiresAt);
    if (expiresAt && expiresAt.getTime() <= Date.now())
      throw new ProblemError("invalid", "Choose an expiry date in the future.", {
        errors: [{ path: "expiresAt", message: "must be in the future" }],
      });
    const { secret, ...stored } = newApiKeySecret();
    const { name, scopes } = body;
    const key = await database.withCompany(companyId, async ({ apiKeys, audit }) => {
      const created = await apiKeys.create({ ...stored, userId, name, scopes, expiresAt }, maxApiKeys);
      if (created)
        await audit.record(auditActorOf(caller, req), {
          action: "api_key_created",
          target: { kind: "api_key", id: created.id },
          after: { name, scopes, expiresAt: created.expiresAt },
        });
      return created;
    });
    if (!key)
      throw new ProblemError("conflict", `A company can have at most ${maxApiKeys} API keys. Revoke one first.`);
    log.info({ companyId, userId, apiKeyId: key.id, scopes }, "API key created");
    return { ...key, secret };
  },

  revokeApiKey: async ({ params: { id }, caller, req }) => {
    const { companyId, userId } = caller;
    const isRevoked = await database.withCompany(companyId, async ({ apiKeys, audit }) => {
      if (!(await apiKeys.revoke(id))) return false;
      const target = { kind: "api_key", id } as const;
      await audit.record(auditActorOf(caller, req), { action: "api_key_revoked", target });
      return true;
    });
    if (!isRevoked) throw notFound("API key");
    log.info({ companyId, userId, apiKeyId: id }, "API key revoked");
    await revoker.send(companyId);
    return undefined;
  },
});
