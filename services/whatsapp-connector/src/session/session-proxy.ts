import type { Database } from "@syszap/database";
import type { SealedSecrets } from "@syszap/platform";
import { openCredentials, type ProxyAddress } from "@syszap/platform/proxy";
import type { Lease } from "../lease.ts";

/** The credentials can't be decrypted. The session must not connect without its proxy. */
export class ProxyUnreadableError extends Error {
  override readonly name = "ProxyUnreadableError";
}

/** Reads the proxy of a session; undefined if it has none. */
export async function readProxy(
  { companyId, sessionId }: Lease,
  { database, proxySecrets }: { database: Database; proxySecrets: SealedSecrets | undefined },
): Promise<ProxyAddress | undefined> {
  const stored = await database.withCompany(companyId, ({ sessionProxies }) => sessionProxies.find(sessionId));
  if (!stored) return undefined;
  const { sealedCredentials: sealed, ...address } = stored;
  if (sealed === null) return { ...address, credentials: null };
  try {
    if (!proxySecrets) throw new Error("SESSION_ENCRYPTION_KEY is not set");
    return { ...address, credentials: openCredentials(proxySecrets, sealed, { companyId, sessionId }) };
  } catch (err) {
    throw new ProxyUnreadableError("the credentials of the proxy can't be decrypted", { cause: err });
  }
}
