import type { Database } from "@syszap/database";
import { type Publisher, sendRevocations } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";

interface RevokerDependencies {
  database: Database;
  publisher: Publisher;
  log: Logger;
}

/**
 * Informs the gateways, after a commit, about access that ended in it. Without Redis, or when the process ends before,
 * message-worker does it. REST refuses ended access in any case. Decision 058.
 */
export class Revoker {
  constructor(private readonly dependencies: RevokerDependencies) {}

  async send(companyId: string): Promise<void> {
    const { database, publisher, log } = this.dependencies;
    try {
      await database.system.revocations.send(companyId, (id, revocations) =>
        sendRevocations(publisher, id, revocations),
      );
    } catch (err) {
      log.warn({ err, companyId }, "could not close the sockets of ended access at once; message-worker will do it");
    }
  }
}
