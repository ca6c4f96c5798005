import { engines, type SessionProxy } from "@syszap/contracts";
import type { CompanyUnit, Database, StoredProxy } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import { type Logger, mayBePublicHost, type SealedSecrets } from "@syszap/platform";
import { openCredentials, openTunnel, ProxyError, sealCredentials } from "@syszap/platform/proxy";
import { auditActorOf } from "../auth/audit-actor.ts";
import type { HandlersOf } from "../endpoint.ts";
import { ProblemError } from "../problem.ts";
import { requireSession } from "./sessions.ts";

interface ProxyDependencies {
  database: Database;
  publisher: Publisher;
  log: Logger;
  /** Absent: the installation has no key for credentials. */
  secrets: SealedSecrets | undefined;
  /** Allows proxies with private addresses. */
  allowPrivate: boolean;
}

const testTarget = { host: "web.whatsapp.com", port: 443 };
const testTimeoutMs = 10_000;

/** The proxy of a session. Its credentials are written only. */
export function sessionProxyRoutes(
  dependencies: ProxyDependencies,
): HandlersOf<"getSessionProxy" | "setSessionProxy" | "removeSessionProxy" | "testSessionProxy"> {
  const { database, publisher, log, allowPrivate } = dependencies;

  const reconnect = (companyId: string, sessionId: string) =>
    publisher
      .command(companyId, { kind: "proxy_changed", sessionId })
      .catch((err: unknown) => log.warn({ err }, "connector not notified, it reads the proxy with its next renewal"));

  return {
    getSessionProxy: ({ params, caller }) =>
      database.withCompany(caller.companyId, async (unit) => proxyOf(params.id, await find(unit, params.id))),

    setSessionProxy: async ({ params, body, caller, req }) => {
      const secrets = requireSecrets(dependencies.secrets);
      if (!allowPrivate) requirePublic(body.host);
      const { credentials, ...address } = body;
      const owner = { companyId: caller.companyId, sessionId: params.id };
      const sealedCredentials = credentials ? sealCredentials(secrets, credentials, owner) : null;
      const stored = { ...address, sealedCredentials };
      const answer = await database.withCompany(caller.companyId, async (unit) => {
        const before = await find(unit, params.id, { mustSupport: true });
        await unit.sessionProxies.set(params.id, stored);
        const change = { ...(before && { before: settingsOf(before) }), after: settingsOf(stored) };
        await unit.audit.record(auditActorOf(caller, req), {
          action: "session_proxy_set",
          target: { kind: "session", id: params.id },
          ...change,
        });
        return proxyOf(params.id, stored);
      });
      await reconnect(caller.companyId, params.id);
      return answer;
    },

    removeSessionProxy: async ({ params, caller, req }) => {
      const isRemoved = await database.withCompany(caller.companyId, async (unit) => {
        const before = await find(unit, params.id);
        if (!before) return false;
        await unit.sessionProxies.delete(params.id);
        await unit.audit.record(auditActorOf(caller, req), {
          action: "session_proxy_removed",
          target: { kind: "session", id: params.id },
          before: settingsOf(before),
        });
        return true;
      });
      if (isRemoved) await reconnect(caller.companyId, params.id);
    },

    testSessionProxy: async ({ params, caller }) => {
      const stored = await database.withCompany(caller.companyId, (unit) => find(unit, params.id));
      if (!stored) throw new ProblemError("conflict", "This session has no proxy. Set one first.");
      const secrets = requireSecrets(dependencies.secrets);
      const owner = { companyId: caller.companyId, sessionId: params.id };
      const credentials = stored.sealedCredentials && openCredentials(secrets, stored.sealedCredentials, owner);
      const startedMs = performance.now();
      const failure = await openTunnel({ ...stored, credentials }, testTarget, {
        allowPrivate,
        timeoutMs: testTimeoutMs,
      }).then(
        (socket) => {
          socket.destroy();
          return null;
        },
        (err: unknown) => {
          if (err instanceof ProxyError) return err.failure;
          throw err;
        },
      );
      return { failure, durationMs: Math.round(performance.now() - startedMs) };
    },
  };
}

async function find(
  { sessions, sessionProxies }: CompanyUnit,
  sessionId: string,
  { mustSupport = false } = {},
): Promise<StoredProxy | undefined> {
  const session = requireSession(await sessions.find(sessionId));
  if (mustSupport && !engines[session.engine].capabilities.proxy)
    throw new ProblemError("conflict", "The engine of this session does not support proxies.");
  return sessionProxies.find(session.id);
}

const settingsOf = ({ scheme, host, port, sealedCredentials }: StoredProxy) => ({
  ...{ scheme, host, port },
  hasCredentials: sealedCredentials !== null,
});

const proxyOf = (sessionId: string, stored: StoredProxy | undefined): SessionProxy => ({
  sessionId,
  proxy: stored ? settingsOf(stored) : null,
});

function requireSecrets(secrets: SealedSecrets | undefined): SealedSecrets {
  if (secrets) return secrets;
  throw new ProblemError(
    "conflict",
    "This installation stores no proxies: its administrator must set SESSION_ENCRYPTION_KEY.",
  );
}

/** Resolved names are checked at each connection. */
function requirePublic(host: string): void {
  if (mayBePublicHost(host)) return;
  throw new ProblemError("invalid", "Correct the fields listed in `errors` and try again.", {
    errors: [{ path: "host", message: "must be reachable from the internet: this is a private address" }],
  });
}
