import { accessTokenLifeMs } from "@syszap/contracts";
import type { Publisher } from "./publisher.ts";

interface Revocations {
  loginIds: string[];
  /** The company's present state, if it was suspended or reopened. */
  isSuspended: boolean | undefined;
}

/**
 * Closes the sockets of ended logins and API keys and of a suspended company on all gateways within a second, and refuses new ones
 * for the lifetime of an access token. Signals connectors that sessions of the company stop or may start. Sending it twice has no
 * other effect.
 */
export async function sendRevocations(
  publisher: Pick<Publisher, "revoke" | "closeCompany" | "reopenCompany" | "wake">,
  companyId: string,
  { loginIds, isSuspended }: Revocations,
): Promise<void> {
  await publisher.revoke(companyId, loginIds, accessTokenLifeMs);
  if (isSuspended === undefined) return;
  if (isSuspended) await publisher.closeCompany(companyId, accessTokenLifeMs);
  else await publisher.reopenCompany(companyId);
  await publisher.wake();
}
