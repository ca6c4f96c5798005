import type { Publisher } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";
import { accessTokenLifeMs } from "../auth/tokens.ts";

interface CompanyAccessDependencies {
  publisher: Publisher;
  log: Logger;
}

/**
 * Closes the sockets of a suspended company and stops its sessions within a second. Without Redis, sockets end with their access
 * tokens and connectors find the stop at their next renewal; REST refuses the company in any case.
 */
export async function closeCompany({ publisher, log }: CompanyAccessDependencies, companyId: string): Promise<void> {
  try {
    await publisher.wake();
    await publisher.closeCompany(companyId, accessTokenLifeMs);
  } catch (err) {
    log.warn({ err, companyId }, "could not close the sockets of a suspended company at once");
  }
}

/** Accepts sockets again, and lets connectors claim the company's sessions now. */
export async function reopenCompany({ publisher, log }: CompanyAccessDependencies, companyId: string): Promise<void> {
  try {
    await publisher.reopenCompany(companyId);
    await publisher.wake();
  } catch (err) {
    log.warn({ err, companyId }, "could not reopen a company's sockets at once: they open within minutes");
  }
}
