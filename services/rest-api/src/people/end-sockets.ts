import type { Publisher } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";
import { accessTokenLifeMs } from "../auth/tokens.ts";

interface SocketDependencies {
  publisher: Publisher;
  log: Logger;
}
interface UserOf {
  companyId: string;
  userId: string;
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

/** Closes all sockets of a user whose rights changed, including those of API keys. Pages connect again with the present rights. */
export async function reconnectUser(
  { publisher, log }: SocketDependencies,
  { companyId, userId }: UserOf,
): Promise<void> {
  try {
    await publisher.controlGateways({ kind: "disconnect_user", companyId, userId });
  } catch (err) {
    log.warn({ err, companyId, userId }, "could not close the sockets of a user whose rights changed at once");
  }
}
