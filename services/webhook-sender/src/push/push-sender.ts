import { randomUUID } from "node:crypto";
import { type Audience, maxReachUsers, wholeCompany } from "@syszap/contracts";
import type { Database, DuePush, PushNotice, PushRecipient } from "@syszap/database";
import { type Publisher, presentUsers } from "@syszap/event-bus";
import type { Logger, RedisClient } from "@syszap/platform";
import { PeriodicTask } from "@syszap/platform/async";
import { retryDelayMs } from "../backoff.ts";
import type { ReceiverClient } from "../http/receiver-client.ts";
import type { SenderMetrics } from "../metrics.ts";
import { ordersOf } from "./orders-of.ts";
import { attemptPush, type Vapid } from "./push-attempt.ts";

export interface PushSenderOptions {
  notices: Database["system"]["pushNotices"];
  publisher: Publisher;
  redis: RedisClient;
  client: ReceiverClient;
  vapid: Vapid;
  metrics: SenderMetrics;
  log: Logger;
  /** Time from the question whether a page is used until its answers are read. */
  answerMs?: number;
}
const everyMs = 1_000;
const defaultAnswerMs = 2_000;
/** Notices per transaction. Messages of a burst that are in one transaction are grouped. */
const batchSize = 500;
const concurrentPushes = 20;
/** Longer than one request may take. */
const claimMs = 60_000;
const backoffSeconds = [5, 60, 300];
/** A notice about a message that old helps nobody. */
const maxAgeMs = 3_600_000;
const maxRetryMs = 900_000;

/**
 * Notifies users about messages that no open page of theirs has taken (decision 077). New notices wait while the open pages of
 * possible recipients are asked whether somebody uses them; users without an answer get a push in each subscribed browser.
 */
export class PushSender {
  private readonly tasks: PeriodicTask[];

  constructor(private readonly options: PushSenderOptions) {
    this.tasks = [
      this.createTask("check", everyMs, () => this.askPages()),
      this.createTask("settle", everyMs, () => this.settle()),
      this.createTask("send", everyMs, () => this.send()),
      this.createTask("age", 60_000, () => options.notices.removeOld(maxAgeMs)),
    ];
  }

  start(): void {
    for (const task of this.tasks) task.start();
  }

  /** Resolves when no task is running. */
  async stop(): Promise<void> {
    await Promise.all(this.tasks.map((task) => task.stop()));
  }

  private async askPages(): Promise<void> {
    const { notices, publisher, log } = this.options;
    const checkId = randomUUID();
    const companyIds = await notices.startCheck(checkId, batchSize);
    if (companyIds.length === 0) return;
    const recipients = await notices.recipients(companyIds);
    for (const companyId of companyIds) {
      const users = recipients.filter((each) => each.companyId === companyId).map(({ userId }) => userId);
      if (users.length === 0) continue;
      const data = { Check_Id: checkId, timestamp: new Date().toISOString() };
      const check = { type: "presence_check", audience: audienceOf(users), data } as const;
      await publisher
        .publishEphemeral(companyId, check, { expiresInMs: this.answerMs })
        .catch((err: unknown) =>
          log.warn({ err, companyId }, "open pages were not asked: their users get a push, too"),
        );
    }
  }

  private async settle(): Promise<void> {
    const { notices } = this.options;
    let count = 0;
    do {
      count = await notices.settle({ afterMs: this.answerMs, limit: batchSize }, async (due, recipients) => {
        const present = await this.presentIn(due);
        const isPresent = ({ companyId, userId }: PushRecipient, checkId: string) =>
          present.get(keyOf({ companyId, checkId }))?.has(userId) ?? false;
        return ordersOf(due, recipients, isPresent);
      });
    } while (count === batchSize);
  }

  /** Without Redis nobody counts as present: a notice too many is better than none. */
  private async presentIn(notices: readonly PushNotice[]): Promise<Map<string, ReadonlySet<string>>> {
    const checks = new Map(
      notices.map(({ companyId, checkId }) => [keyOf({ companyId, checkId }), { companyId, checkId }]),
    );
    const none: ReadonlySet<string> = new Set();
    const answers = [...checks].map(
      async ([key, check]) => [key, await presentUsers(this.options.redis, check).catch(() => none)] as const,
    );
    return new Map(await Promise.all(answers));
  }

  private async send(): Promise<void> {
    const { notices } = this.options;
    for (;;) {
      const due = await notices.claim({ limit: concurrentPushes, forMs: claimMs });
      await Promise.all(due.map((push) => this.sendOne(push)));
      if (due.length < concurrentPushes) return;
    }
  }

  private async sendOne(push: DuePush): Promise<void> {
    const { notices, client, vapid, metrics, log } = this.options;
    const outcome = await attemptPush(client, vapid, push);
    const delayMs = outcome.kind === "failed" ? retryDelayMs(backoffSeconds, push.attempts) : undefined;
    const { companyId, loginId } = push;
    if (outcome.kind === "failed" && delayMs !== undefined) {
      metrics.pushes.inc({ result: "failed" });
      await notices.retry(push, Math.min(Math.max(delayMs, outcome.retryAfterMs ?? 0), maxRetryMs));
      return;
    }
    metrics.pushes.inc({ result: outcome.kind === "failed" ? "given_up" : outcome.kind });
    if (outcome.kind === "gone") await notices.forget(push);
    else await notices.remove(push);
    if ("error" in outcome) log.warn({ companyId, loginId, error: outcome.error }, "a push notice was given up");
  }

  private get answerMs(): number {
    return this.options.answerMs ?? defaultAnswerMs;
  }

  private createTask(name: string, ms: number, run: () => Promise<unknown>): PeriodicTask {
    const onError = (err: unknown) =>
      this.options.log.warn({ err, task: name }, "push notices are delayed and will be retried in the next round");
    return new PeriodicTask({ everyMs: ms, run, onError });
  }
}

const keyOf = ({ companyId, checkId }: { companyId: string; checkId: string }) => `${companyId} ${checkId}`;

/** Owners and admins receive it in any case. */
const audienceOf = (users: string[]): Audience =>
  users.length > maxReachUsers ? wholeCompany : { kind: "reach", teams: [], users };
