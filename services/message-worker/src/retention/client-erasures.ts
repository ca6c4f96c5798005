import type { ClaimedErasure, Database } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { leaseMs, repeatBatches } from "./batches.ts";

interface ErasureOptions {
  db: Database;
  log: Logger;
  /** Rows of one transaction. */
  batch?: number;
}

const defaultBatch = 200;

/** Erases clients at their request (decision 091), one at a time. Each batch finds what is left, so the work continues after a kill. */
export class ClientErasures {
  private readonly closing = new AbortController();

  constructor(private readonly options: ErasureOptions) {}

  /** Works until no erasure is left, or until `stop`. */
  async run(): Promise<void> {
    while (!this.closing.signal.aborted) {
      const claim = await this.options.db.system.retentions.claimErasure(leaseMs);
      if (!claim) return;
      await this.erase(claim);
    }
  }

  /** Ends after the current batch. */
  stop(): void {
    this.closing.abort();
  }

  private async erase(claim: ClaimedErasure): Promise<void> {
    const { db, log, batch = defaultBatch } = this.options;
    const { companyId, clientId } = claim;
    await repeatBatches(
      this.closing.signal,
      () => db.withCompany(companyId, ({ clientErasures }) => clientErasures.removeMessages(clientId, batch)),
      () => db.system.retentions.extendErasure(claim, leaseMs),
    );
    if (this.closing.signal.aborted) return;
    const messages = await db.withCompany(companyId, async ({ clientErasures, audit }) => {
      const messages = await clientErasures.finish(clientId);
      const target = { kind: "client" as const, id: clientId };
      if (messages !== undefined)
        await audit.record({ kind: "system" }, { action: "client_erased", target, after: { messages } });
      return messages;
    });
    log.info({ companyId, clientId, messages }, "erased a client");
  }
}
