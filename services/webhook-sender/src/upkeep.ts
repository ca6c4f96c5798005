import { sessionManagers } from "@syszap/contracts";
import type { Database, DueNotice, LogLimits } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";
import type { SenderMetrics } from "./metrics.ts";

export interface UpkeepParts {
  upkeep: Database["system"]["webhookUpkeep"];
  publisher: Publisher;
  metrics: SenderMetrics;
  limits: LogLimits;
  log: Logger;
}
type Task = { name: string; everyMs: number; run: () => Promise<unknown> };
/** Pages that are open show it at once; the others read it when they are opened. */
const noticeExpiresInMs = 60_000;

/** Tells people of endpoints that were disabled, and keeps logs and backlogs bounded. */
export class Upkeep {
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly running = new Map<string, Promise<void>>();
  private readonly tasks: Task[] = [
    { name: "notices", everyMs: 2_000, run: () => this.giveNotices() },
    { name: "backlogs", everyMs: 60_000, run: () => this.parts.upkeep.refuseBacklogs(this.parts.limits) },
    { name: "log", everyMs: 600_000, run: () => this.trim() },
  ];
  private isStopped = false;

  constructor(private readonly parts: UpkeepParts) {}

  start(): void {
    for (const task of this.tasks) this.schedule(task);
  }

  /** Resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.isStopped = true;
    for (const timer of this.timers.values()) clearTimeout(timer);
    await Promise.all(this.running.values());
  }

  private async giveNotices(): Promise<void> {
    for (const notice of await this.parts.upkeep.dueNotices()) {
      if (notice.reason !== "person") await this.tell(notice, notice.reason);
      await this.parts.upkeep.noticeGiven(notice);
    }
  }

  private async tell({ companyId, webhookId, url }: DueNotice, reason: Exclude<DueNotice["reason"], "person">) {
    const { publisher, metrics, log } = this.parts;
    const data = { webhookId, url, reason, timestamp: new Date().toISOString() };
    await publisher.publishEphemeral(
      companyId,
      { type: "webhook_disabled", audience: { kind: "role", roles: [...sessionManagers] }, data },
      { expiresInMs: noticeExpiresInMs },
    );
    metrics.disabled.inc({ reason });
    log.info({ companyId, webhookId, reason }, "people were told of a disabled webhook endpoint");
  }

  private async trim(): Promise<void> {
    this.parts.metrics.trimmed.inc(await this.parts.upkeep.trim(this.parts.limits));
  }

  private schedule(task: Task): void {
    if (this.isStopped) return;
    const timer = setTimeout(
      () => this.running.set(task.name, this.round(task)),
      task.everyMs * (0.75 + Math.random() / 2),
    );
    this.timers.set(task.name, timer);
  }

  private async round(task: Task): Promise<void> {
    try {
      await task.run();
    } catch (err) {
      this.parts.log.warn({ err, task: task.name }, "upkeep of webhooks failed, the next round tries again");
    }
    this.schedule(task);
  }
}
