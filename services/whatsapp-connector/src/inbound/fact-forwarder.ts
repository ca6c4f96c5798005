import { jobSchemas } from "@syszap/contracts";
import { withLogContext } from "@syszap/platform";
import { type Backoff, RecentIds, retryUntilAborted, withTimeout } from "@syszap/platform/async";
import type { z } from "zod";
import type { Engine, EngineMedia } from "../engines/contract/engine.ts";
import type { FactQueue } from "./fact-queue.ts";
import { type InboundJob, jobIdOfFact, mediaJob, toJob } from "./jobs.ts";
import { Lanes } from "./lanes.ts";
import { MediaDownloads, type MediaDownloadsOptions } from "./media/media-downloads.ts";
import type { MediaOutcome } from "./media/media-outcome.ts";
import type { MessageOwner } from "./message-owner.ts";
import { RecoveryPace } from "./recovery-pace.ts";
import { Confirmations, type ConfirmationTimes } from "./spool/confirmations.ts";
import type { SpoolEntry, SpooledFact } from "./spool/entry.ts";
import type { SpoolLimits } from "./spool/limits.ts";
import { Spool } from "./spool/spool.ts";

export interface FactForwarderOptions extends MediaDownloadsOptions {
  facts: FactQueue;
  spoolDirectory: string;
  spoolLimits: SpoolLimits;
  confirmationTimes: ConfirmationTimes;
  /** Facts of gaps per second, of all sessions together. */
  recoveredPerSecond: number;
  /** Returns those of the jobs that are dead letters. */
  deadLettersAmong(jobIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Stores a job that matches no schema. */
  refuse(job: InboundJob, reason: string): Promise<void>;
}

const retryBackoff: Backoff = { firstMs: 100, maxMs: 5_000 };
/** For each step of `close`. */
const graceMs = 1_000;
/** As many as the queue keeps completed jobs. */
const maxRecentIds = 50_000;

/**
 * Forwards the facts of all sessions of this connector to the workers: spool, file download, queue. Facts of one chat keep
 * their order. Facts that an earlier process left in the spool are forwarded too, even if another connector owns the session.
 */
export class FactForwarder {
  readonly spool: Spool;
  readonly media: MediaDownloads;
  private readonly lanes = new Lanes();
  /** Lane of each message in progress; facts about the message use the same lane. */
  private readonly laneOfMessage = new Map<string, string>();
  /** Of the facts in the spool. A fact with a known id is a repeat. */
  private readonly jobIds = new Set<string>();
  private readonly recentIds = new RecentIds(maxRecentIds);
  /** By job id: called when the fact has left the spool. */
  private readonly onStored = new Map<string, (() => void)[]>();
  private readonly confirmations: Confirmations;
  /** Number of facts per session that are not in the queue yet. */
  private readonly inProgress = new Map<string, number>();
  private readonly closing = new AbortController();
  private readonly recoveryPace: RecoveryPace;

  constructor(private readonly options: FactForwarderOptions) {
    this.recoveryPace = new RecoveryPace(options.recoveredPerSecond);
    this.media = new MediaDownloads(options, this.closing.signal);
    const { log, metrics, facts, deadLettersAmong } = options;
    this.spool = new Spool({
      directory: options.spoolDirectory,
      limits: options.spoolLimits,
      log,
      onTorn: () => metrics.spoolTorn.inc(),
      onRemaining: (entries) => {
        for (const entry of entries) this.forwardAgain(entry);
      },
    });
    this.confirmations = new Confirmations({
      spool: this.spool,
      queue: facts,
      deadLettersAmong,
      log,
      times: options.confirmationTimes,
      onRemoved: (entry, reason) => {
        this.jobIds.delete(entry.jobId);
        if (reason === "stored") this.recentIds.add(entry.jobId);
        this.notifyStored(entry);
      },
      onLost: (entry) => this.forwardAgain(entry),
    });
  }

  /** Reads the facts that an earlier process left in the spool, and starts forwarding them. */
  start(): void {
    this.spool.start();
  }

  /** Sets the engine that the session's files come from; `engine` throws while none runs. Returns a function that detaches it. */
  attach(sessionId: string, engine: () => Engine): () => void {
    return this.media.attach(sessionId, engine);
  }

  /** Number of the session's facts that are not in the queue yet. */
  inProgressOf(sessionId: string): number {
    return this.inProgress.get(sessionId) ?? 0;
  }

  /**
   * Accepts a fact without waiting, in the order of the calls. Returns false when there is no room: the fact must be fetched
   * from WhatsApp again. `onQueued` is called when the queue holds the job; not for repeats.
   */
  accept(fact: SpooledFact, onQueued: () => void = () => undefined, jobId = jobIdOfFact(fact)): boolean {
    if (this.jobIds.has(jobId) || this.recentIds.has(jobId)) {
      this.options.metrics.factsRepeated.inc();
      return true;
    }
    const spooled = this.spool.append(fact, jobId);
    if (!spooled) return false;
    this.schedule(spooled.entry, async () => {
      await spooled.onDisk;
      if (await this.process(spooled.entry)) onQueued();
    });
    return true;
  }

  /** Accepts a fact from a gap. Resolves when it is stored or a dead letter. Undefined: there is no room for it. */
  acceptRecovered(fact: SpooledFact): Promise<void> | undefined {
    const jobId = jobIdOfFact(fact);
    if (!this.accept({ ...fact, isRecovered: true }, undefined, jobId)) return undefined;
    if (!this.jobIds.has(jobId)) return Promise.resolve();
    return new Promise((resolve) => this.onStored.set(jobId, [...(this.onStored.get(jobId) ?? []), resolve]));
  }

  /** Enqueues the outcome of a file whose message was stored without it. The file's row repeats it if it is lost. */
  enqueueMedia(owner: MessageOwner, outcome: MediaOutcome, attempt: number): void {
    this.enqueue(mediaJob(owner, outcome, attempt), `${owner.sessionId} media ${owner.waKey}`);
  }

  /** Enqueues a job that is not in the spool because it can be created again when it is lost. */
  enqueue(job: InboundJob, lane: string): void {
    this.lanes.add(lane, async () => void (await this.addToQueue(job)));
  }

  /** Waits up to the grace period for facts in progress. The others stay in the spool for the next process. */
  async close(): Promise<void> {
    const forwarding = this.lanes.idle();
    await withTimeout(forwarding, { timeoutMs: graceMs, error: "forwarding facts" }).catch(() => undefined);
    this.closing.abort();
    const confirming = this.confirmations.close();
    await withTimeout(confirming, { timeoutMs: graceMs, error: "confirming facts" }).catch((err: unknown) => {
      this.options.log.warn({ err }, "facts stay in the spool for the next process");
    });
    await this.spool.close();
  }

  private forwardAgain(entry: SpoolEntry): void {
    this.options.metrics.spoolRehanded.inc();
    this.schedule(entry, async () => void (await this.process(entry)));
  }

  private schedule(entry: SpoolEntry, work: () => Promise<void>): void {
    const { sessionId, jobId, inMemory } = entry;
    // Live facts of a chat do not wait for recovered ones, whose order has no meaning.
    const lane = inMemory && !inMemory.isRecovered ? `${sessionId} ${this.laneOf(inMemory)}` : jobId;
    const messageKey = inMemory?.fact.kind === "message" ? `${sessionId} ${inMemory.fact.waKey}` : undefined;
    if (messageKey && !inMemory?.isRecovered && inMemory?.fact.kind === "message")
      this.laneOfMessage.set(messageKey, inMemory.fact.waChatId);
    this.jobIds.add(jobId);
    this.countInProgress(sessionId, 1);
    this.lanes.add(lane, async () => {
      try {
        await withLogContext({ jobId }, work);
      } catch (err) {
        this.options.log.error({ err, jobId }, "fact not forwarded, it stays in the spool");
      }
      if (messageKey) this.laneOfMessage.delete(messageKey);
      this.countInProgress(sessionId, -1);
    });
  }

  private countInProgress(sessionId: string, change: 1 | -1): void {
    const count = this.inProgressOf(sessionId) + change;
    if (count > 0) this.inProgress.set(sessionId, count);
    else this.inProgress.delete(sessionId);
  }

  /** Returns true when the queue holds the job. A fact that cannot be processed stays in the spool for the next process. */
  private async process(entry: SpoolEntry): Promise<boolean> {
    const read = await this.retry(() => this.spool.read(entry), "could not read a fact from the spool");
    if (!read) return false;
    const spooled = read.result;
    if (spooled.isRecovered) await this.recoveryPace.wait(this.closing.signal);
    const file = spooled.fact.kind === "message" ? spooled.fact.media : undefined;
    const media = file && !(await this.isInQueue(entry.jobId)) ? await this.downloadFile(spooled, file) : undefined;
    if (this.closing.signal.aborted) return false;
    const job = toJob(spooled.fact, spooled, media);
    if (!job || !(await this.addToQueue(job, entry, spooled.isRecovered))) return false;
    this.spool.releaseMemory(entry);
    return true;
  }

  /** Returns false when the job is refused or the process stops first. */
  private async addToQueue(job: InboundJob, entry?: SpoolEntry, isRecovered?: boolean): Promise<boolean> {
    const { facts, metrics } = this.options;
    const checked = jobSchemas[job.name].safeParse(job.data);
    if (!checked.success) {
      await this.refuse(job, checked.error);
      if (entry) this.remove(entry);
      return false;
    }
    const added = await this.retry(
      () => facts.enqueue(job.name, job.data, { isRecovered }),
      "the queue does not answer, facts wait",
    );
    if (!added) return false;
    metrics.jobs.inc({ name: job.name });
    if (entry) this.confirmations.watch(entry);
    return true;
  }

  private async refuse(job: InboundJob, error: z.ZodError): Promise<void> {
    const { metrics, log, refuse } = this.options;
    metrics.factsRefused.inc({ kind: job.name });
    log.error({ kind: job.name, fields: error.issues.map(({ path }) => path.join(".")) }, "fact refused");
    const reason = error.issues.map(({ message }) => message).join("; ");
    await this.retry(() => refuse(job, reason), "could not store a refused fact as a dead letter");
  }

  /** Returns undefined when the process stops first. Logs only the first failure. */
  private retry<Result>(work: () => Promise<Result>, failure: string): Promise<{ result: Result } | undefined> {
    return retryUntilAborted(work, {
      backoff: retryBackoff,
      signal: this.closing.signal,
      onFailure: (err, retry) => {
        if (retry === 0) this.options.log.warn({ err }, failure);
      },
    });
  }

  private remove(entry: SpoolEntry): void {
    if (this.closing.signal.aborted) return;
    this.spool.done(entry);
    this.jobIds.delete(entry.jobId);
    this.notifyStored(entry);
  }

  private notifyStored({ jobId }: SpoolEntry): void {
    for (const resolve of this.onStored.get(jobId) ?? []) resolve();
    this.onStored.delete(jobId);
  }

  /** A job in the queue carries its file already. Returns false when the queue does not answer. */
  private async isInQueue(jobId: string): Promise<boolean> {
    const [fate] = await this.options.facts.fatesOf([jobId]).catch(() => ["gone"]);
    return fate !== "gone";
  }

  private async downloadFile(
    { companyId, sessionId, fact }: SpooledFact,
    file: EngineMedia,
  ): Promise<MediaOutcome | undefined> {
    if (fact.kind !== "message") return undefined;
    const { waKey, waChatId, direction } = fact;
    const owner = { companyId, sessionId, waKey, waChatId, direction };
    const { now, later } = await this.media.download(owner, file);
    void later.then((outcome) => {
      if (outcome) this.enqueueMedia(owner, outcome, 0);
    });
    return now;
  }

  /** A fact about a message in progress, such as its edit, waits in the lane of the message. */
  private laneOf({ sessionId, fact }: SpooledFact): string {
    if (fact.kind === "message") return fact.waChatId;
    if (fact.kind === "read" || fact.kind === "group") return fact.waChatId;
    if (fact.kind === "contact") return `contact ${fact.number}`;
    return this.laneOfMessage.get(`${sessionId} ${fact.waKey}`) ?? fact.waChatId ?? fact.waKey;
  }
}
