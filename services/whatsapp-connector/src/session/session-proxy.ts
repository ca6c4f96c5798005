import type { Database } from "@syszap/database";
import type { SealedSecrets } from "@syszap/platform";
import type { ProxyAddress } from "@syszap/platform/proxy";
import { z } from "zod";
import type { Lease } from "../lease.ts";

const Credentials = z.object({ username: z.string(), password: z.string() });

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
    const opened = proxySecrets.open(sealed, `${companyId}|${sessionId}`).toString();
    return { ...address, credentials: Credentials.parse(JSON.parse(opened)) };
  } catch (err) {
    throw new ProxyUnreadableError("the credentials of the proxy can't be decrypted", { cause: err });
  }
}
