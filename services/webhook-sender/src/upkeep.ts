import { sessionManagers } from "@syszap/contracts";
import type { Database, DueNotice, LogLimits } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";
import { PeriodicTask } from "@syszap/platform/async";
import type { SenderMetrics } from "./metrics.ts";

export interface UpkeepDependencies {
  upkeep: Database["system"]["webhookUpkeep"];
  publisher: Publisher;
  metrics: SenderMetrics;
  limits: LogLimits;
  log: Logger;
}
/** Open pages show a notice at once. Other pages read the state of the endpoint when they open. */
const noticeExpiresInMs = 60_000;

/** Notifies users about disabled endpoints, and limits the size of logs and backlogs. */
export class Upkeep {
  private readonly tasks: PeriodicTask[];

  constructor(private readonly dependencies: UpkeepDependencies) {
    const { upkeep, limits } = dependencies;
    this.tasks = [
      this.createTask("notices", 2_000, () => this.sendNotices()),
      this.createTask("backlogs", 60_000, () => upkeep.disableBacklogged(limits)),
      this.createTask("log", 600_000, () => this.trimLog()),
    ];
  }

  start(): void {
    for (const task of this.tasks) task.start();
  }

  /** Resolves when no task is running. */
  async stop(): Promise<void> {
    await Promise.all(this.tasks.map((task) => task.stop()));
  }

  private async sendNotices(): Promise<void> {
    const { upkeep } = this.dependencies;
    for (const notice of await upkeep.dueNotices()) {
      if (notice.reason !== "person") await this.publish(notice, notice.reason);
      await upkeep.recordNotice(notice);
    }
  }

  private async publish({ companyId, webhookId, url }: DueNotice, reason: Exclude<DueNotice["reason"], "person">) {
    const { publisher, metrics, log } = this.dependencies;
    const data = { webhookId, url, reason, timestamp: new Date().toISOString() };
    await publisher.publishEphemeral(
      companyId,
      { type: "webhook_disabled", audience: { kind: "role", roles: [...sessionManagers] }, data },
      { expiresInMs: noticeExpiresInMs },
    );
    metrics.disabled.inc({ reason });
    log.info({ companyId, webhookId, reason }, "users were notified of a disabled webhook endpoint");
  }

  private async trimLog(): Promise<void> {
    const { upkeep, metrics, limits } = this.dependencies;
    metrics.trimmed.inc(await upkeep.trim(limits));
  }

  private createTask(name: string, everyMs: number, run: () => Promise<unknown>): PeriodicTask {
    const onError = (err: unknown) =>
      this.dependencies.log.warn({ err, task: name }, "webhook upkeep failed and will be retried in the next round");
    return new PeriodicTask({ everyMs, run, onError });
  }
}
