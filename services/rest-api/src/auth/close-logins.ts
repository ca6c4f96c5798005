import type { Publisher } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";
import { accessTokenLifeMs } from "./tokens.ts";

interface SocketDependencies {
  publisher: Publisher;
  log: Logger;
}

/**
 * Closes the sockets of logins that ended. Without Redis they stay open until their access token expires; the logins have ended in
 * any case.
 */
export async function closeLogins(
  { publisher, log }: SocketDependencies,
  companyId: string,
  loginIds: string[],
): Promise<void> {
  try {
    await publisher.revoke(companyId, loginIds, accessTokenLifeMs);
  } catch (err) {
    log.warn({ err, companyId, logins: loginIds.length }, "could not close the sockets of ended logins at once");
  }
}
