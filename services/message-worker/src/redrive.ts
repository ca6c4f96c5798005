import { inboundJobOptions, queues } from "@syszap/contracts";
import type { Database, RedrivenJob, RedrivingLetter } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { readJobFates, removeFailedJob } from "@syszap/queues";
import type { Queue } from "bullmq";
import type { Redis } from "ioredis";

/** Fewer attempts than a new job has: a user waits for the outcome and can redrive again. */
const redrivenAttempts = 3;

interface RedriveDependencies {
  db: Database;
  inbound: Queue;
  /** Must have the role "queue-producer". */
  queueRedis: Redis;
  log: Logger;
}

/**
 * Queues the jobs and messages of redriven dead letters again. The request to redrive is stored in Postgres only, so that neither a
 * killed process nor an unavailable Redis loses it. A letter is closed when its job is done, and rests again when the job fails.
 */
export class Redrive {
  constructor(private readonly dependencies: RedriveDependencies) {}

  /** Runs once. Returns how many jobs and how many messages were queued again. */
  async round(): Promise<{ jobs: number; messages: number }> {
    await this.closeDone();
    const jobs = await this.requeueJobs();
    return { jobs, messages: await this.requeueMessages() };
  }

  private async requeueJobs(): Promise<number> {
    const { db, log } = this.dependencies;
    const jobs = await db.system.deadLetters.claimRedriven(queues.inboundMessages);
    let count = 0;
    for (const job of jobs) {
      try {
        await this.requeueJob(job);
        count++;
        log.info({ letterId: job.id, jobId: job.jobId, companyId: job.companyId }, "job queued again");
      } catch (err) {
        log.warn({ err, letterId: job.id }, "job could not be queued again; it is retried when the claim expires");
      }
    }
    return count;
  }

  /** Keeps a job that the queue has already: a worker that died queued it, or WhatsApp reported the fact again. */
  private async requeueJob(job: RedrivenJob): Promise<void> {
    const { inbound, queueRedis } = this.dependencies;
    await removeFailedJob(inbound, queueRedis, job);
    await inbound.add(job.jobName, JSON.parse(job.payload), {
      ...inboundJobOptions,
      attempts: redrivenAttempts,
      jobId: job.jobId,
    });
  }

  private async closeDone(): Promise<void> {
    const { db, inbound, queueRedis } = this.dependencies;
    const letters = await db.system.deadLetters.listRedriving(queues.inboundMessages);
    if (letters.length === 0) return;
    const jobIds = letters.map(({ jobId }) => jobId);
    const fates = await readJobFates(inbound, queueRedis, jobIds);
    const done = letters.filter((_, index) => fates[index] === "done").map(({ id }) => id);
    if (done.length > 0) await db.system.deadLetters.markSolved(done);
  }

  /** Settles the requeued messages of each company in one statement, however many wait for a session that is not connected. */
  private async requeueMessages(): Promise<number> {
    const { db } = this.dependencies;
    const letters = await db.system.deadLetters.listRedriving(queues.outboundLetters);
    const requeued = letters.flatMap(({ companyId, isRequeued }) =>
      companyId !== null && isRequeued ? [companyId] : [],
    );
    for (const companyId of new Set(requeued)) {
      await db.withCompany(companyId, ({ deadLetters }) => deadLetters.settleRequeued());
    }
    let count = 0;
    for (const letter of letters) {
      if (!letter.isRequeued && (await this.requeueMessage(letter))) count++;
    }
    return count;
  }

  /** False when there was nothing to send, or when it failed and is retried in the next round. */
  private async requeueMessage({ id, companyId }: RedrivingLetter): Promise<boolean> {
    const { db, log } = this.dependencies;
    if (companyId === null) return false;
    try {
      const message = await db.withCompany(companyId, async ({ deadLetters, emit }) => {
        const requeued = await deadLetters.requeueMessage(id);
        if (requeued) emit.messageStatus(requeued);
        return requeued;
      });
      if (message) log.info({ letterId: id, messageId: message.id, companyId }, "message queued again");
      return message !== undefined;
    } catch (err) {
      log.warn({ err, letterId: id }, "message could not be queued again; the next round tries again");
      return false;
    }
  }
}
