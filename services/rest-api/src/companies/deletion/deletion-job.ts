import type { Logger } from "@syszap/platform";
import { PeriodicTask } from "@syszap/platform/async";
import { claimMs, type DeletionDependencies, deleteCompany } from "./delete-company.ts";

const everyMs = 5_000;

/** Deletes companies whose grace period has ended, one at a time. Every process looks for them; a claim keeps them apart. */
export class DeletionJob {
  private readonly closing = new AbortController();
  private readonly task: PeriodicTask;

  constructor(
    private readonly dependencies: DeletionDependencies,
    private readonly log: Logger,
  ) {
    this.task = new PeriodicTask({
      everyMs,
      run: () => this.runDue(),
      onError: (err) => log.error({ err }, "the deletion of a company failed; it continues in a minute"),
    });
  }

  start(): void {
    this.task.start();
  }

  /** Resolves when the current batch is finished. Another process continues. */
  async stop(): Promise<void> {
    this.closing.abort();
    await this.task.stop();
  }

  /** Works until no company is due. */
  async runDue(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      const claim = await this.dependencies.database.system.companyDeletions.claim(claimMs);
      if (!claim) return;
      const outcome = await deleteCompany(this.dependencies, claim, signal);
      if (outcome === "finished") this.log.info({ companyId: claim.companyId }, "all data of a company was deleted");
    }
  }
}
