import { inboundJobOptions, queues } from "@syszap/contracts";
import type { Database, RedrivenJob, RedrivingLetter } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { readJobFates, removeFailedJob } from "@syszap/queues";
import type { Queue } from "bullmq";
import type { Redis } from "ioredis";

/** Fewer than at first: somebody waits for the outcome, and can ask again. */
const redrivenAttempts = 3;

interface Given {
  db: Database;
  inbound: Queue;
  /** Has the role "queue-producer". */
  queueRedis: Redis;
  log: Logger;
}

/**
 * Brings back what people asked for again. Asking only marks the letter in Postgres, so that neither a killed process nor an
 * absent Redis loses it; a letter is closed once its job is seen done, and rests again when the job fails.
 */
export class Redrive {
  constructor(private readonly given: Given) {}

  /** How many jobs were put back, and how many messages are to be sent again. */
  async round(): Promise<{ jobs: number; messages: number }> {
    await this.closeDone();
    const jobs = await this.putBackJobs();
    return { jobs, messages: await this.sendAgain() };
  }

  private async putBackJobs(): Promise<number> {
    const { db, log } = this.given;
    const jobs = await db.system.deadLetters.claimRedriven(queues.inboundMessages);
    let count = 0;
    for (const job of jobs) {
      try {
        await this.putBack(job);
        count++;
        log.info({ letterId: job.id, jobId: job.jobId, companyId: job.companyId }, "job redriven");
      } catch (err) {
        log.warn({ err, letterId: job.id }, "job not put back yet, the claim runs out and it is tried again");
      }
    }
    return count;
  }

  /** Where the queue has the job already it stays as it is: redriven by a worker that died, or told anew by WhatsApp. */
  private async putBack(job: RedrivenJob): Promise<void> {
    const { inbound, queueRedis } = this.given;
    await removeFailedJob(inbound, queueRedis, job);
    await inbound.add(job.jobName, JSON.parse(job.payload), {
      ...inboundJobOptions,
      attempts: redrivenAttempts,
      jobId: job.jobId,
    });
  }

  private async closeDone(): Promise<void> {
    const { db, inbound, queueRedis } = this.given;
    const letters = await db.system.deadLetters.listRedriving(queues.inboundMessages);
    if (letters.length === 0) return;
    const jobIds = letters.map(({ jobId }) => jobId);
    const fates = await readJobFates(inbound, queueRedis, jobIds);
    const done = letters.filter((_, index) => fates[index] === "done").map(({ id }) => id);
    if (done.length > 0) await db.system.deadLetters.markSolved(done);
  }

  /** One statement for each company, however many of its messages wait for a phone that is away. */
  private async sendAgain(): Promise<number> {
    const { db } = this.given;
    const letters = await db.system.deadLetters.listRedriving(queues.outboundLetters);
    const waiting = letters.flatMap(({ companyId, isRequeued }) =>
      companyId !== null && isRequeued ? [companyId] : [],
    );
    for (const companyId of new Set(waiting))
      await db.withCompany(companyId, (unit) => unit.deadLetters.settleRequeued());
    let count = 0;
    for (const letter of letters) if (!letter.isRequeued && (await this.queueAgain(letter))) count++;
    return count;
  }

  /** False when there was nothing to send, or not yet. */
  private async queueAgain({ id, companyId }: RedrivingLetter): Promise<boolean> {
    const { db, log } = this.given;
    if (companyId === null) return false;
    try {
      const message = await db.withCompany(companyId, async ({ deadLetters, emit }) => {
        const again = await deadLetters.requeueMessage(id);
        if (again) emit.messageStatus(again);
        return again;
      });
      if (message) log.info({ letterId: id, messageId: message.id, companyId }, "message queued again");
      return message !== undefined;
    } catch (err) {
      log.warn({ err, letterId: id }, "message not queued again yet");
      return false;
    }
  }
}
