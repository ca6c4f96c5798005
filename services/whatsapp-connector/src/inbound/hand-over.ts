import { jobSchemas } from "@syszap/contracts";
import { type Backoff, RecentIds, retryUntilAborted, withTimeout } from "@syszap/platform/async";
import type { z } from "zod";
import type { Engine, EngineMedia } from "../engines/contract/engine.ts";
import type { FactQueue } from "./fact-queue.ts";
import { type InboundJob, jobIdOfFact, type MessageOwner, mediaJob, toJob } from "./jobs.ts";
import { Lanes } from "./lanes.ts";
import type { TakenMedia } from "./media-intake.ts";
import { MediaIntakes, type MediaIntakesOptions } from "./media-intakes.ts";
import { Confirmations, type ConfirmationTimes } from "./spool/confirmations.ts";
import type { SpoolEntry, SpooledFact } from "./spool/entry.ts";
import { Spool, type SpoolLimits } from "./spool/spool.ts";

export interface HandOverOptions extends MediaIntakesOptions {
  facts: FactQueue;
  spoolDirectory: string;
  spoolLimits: SpoolLimits;
  confirmationTimes: ConfirmationTimes;
  /** Of these jobs, those that rest in the dead-letter list. */
  deadLettersAmong(jobIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Writes down what no worker could take. */
  refuse(job: InboundJob, reason: string): Promise<void>;
}

const retrying: Backoff = { firstMs: 100, maxMs: 5_000 };
/** For each step of the end. */
const graceMs = 1_000;
/** As many as the queue itself remembers. */
const mostRecent = 50_000;

/**
 * Brings facts of all sessions here to the workers: spool, then file, then queue, each chat in its own order, repeated until it
 * is done. What an earlier process left goes the same way, whoever owns the session by now: what WhatsApp said stays true.
 */
export class HandOver {
  readonly spool: Spool;
  private readonly lanes = new Lanes();
  private readonly laneOfKey = new Map<string, string>();
  /** Of facts in the spool: what is told again meanwhile is no news. */
  private readonly jobIds = new Set<string>();
  private readonly recent = new RecentIds(mostRecent);
  private readonly confirmations: Confirmations;
  private readonly underWay = new Map<string, number>();
  private readonly closing = new AbortController();
  readonly media: MediaIntakes;

  constructor(private readonly options: HandOverOptions) {
    this.media = new MediaIntakes(options, this.closing.signal);
    const { log, metrics, facts, deadLettersAmong } = options;
    this.spool = new Spool({
      directory: options.spoolDirectory,
      limits: options.spoolLimits,
      log,
      onTorn: () => metrics.spoolTorn.inc(),
      onLeftOver: (entries) => {
        for (const entry of entries) this.again(entry);
      },
    });
    this.confirmations = new Confirmations({
      ...{ spool: this.spool, queue: facts, deadLettersAmong, log, times: options.confirmationTimes },
      onLeft: (entry, where) => {
        this.jobIds.delete(entry.jobId);
        if (where === "stored") this.recent.add(entry.jobId);
      },
      onLost: (entry) => this.again(entry),
    });
  }

  /** Reads what an earlier process left, and begins to hand it over. */
  start(): void {
    this.spool.start();
  }

  /** Files of the session come from this engine; `engine` throws while none runs. The answer ends it. */
  attach(sessionId: string, engine: () => Engine): () => void {
    return this.media.attach(sessionId, engine);
  }

  /** Facts of the session that the queue does not have yet. */
  underWayOf(sessionId: string): number {
    return this.underWay.get(sessionId) ?? 0;
  }

  /**
   * Answers at once, in the order of the calls. False: there is no room, WhatsApp must tell it again. `then` is called when the
   * queue has it; not for what is on its way already, or was stored just now.
   */
  accept(told: SpooledFact, then: () => void = () => undefined): boolean {
    const jobId = jobIdOfFact(told);
    if (this.jobIds.has(jobId) || this.recent.has(jobId)) {
      this.options.metrics.factsRepeated.inc();
      return true;
    }
    const spooled = this.spool.append(told);
    if (!spooled) return false;
    this.take(spooled.entry, async () => {
      await spooled.onDisk;
      if (await this.process(spooled.entry)) then();
    });
    return true;
  }

  /** Resolves when nothing that was accepted so far can be lost any more. */
  async settled(): Promise<void> {
    await this.spool.flushed();
  }

  /** What became of a file that its message went ahead of; made again, from the row of that file, when it is lost. */
  fileCame(owner: MessageOwner, taken: TakenMedia, attempt: number): void {
    this.enqueue(mediaJob(owner, taken, attempt), `${owner.sessionId} media ${owner.waKey}`);
  }

  /** For what is no fact of WhatsApp but follows from one, and is made again when it is lost. */
  enqueue(job: InboundJob, lane: string): void {
    this.lanes.add(lane, async () => void (await this.addToQueue(job)));
  }

  /** Waits a moment for what is under way; the rest stays in the spool for the next process. */
  async close(): Promise<void> {
    await withTimeout(this.lanes.idle(), { timeoutMs: graceMs, error: "handing over facts" }).catch(() => undefined);
    this.closing.abort();
    await withTimeout(this.confirmations.close(), { timeoutMs: graceMs, error: "seeing what became of facts" }).catch(
      (err: unknown) => {
        this.options.log.warn({ err }, "facts stay in the spool for the next process");
      },
    );
    await this.spool.close();
  }

  private again(entry: SpoolEntry): void {
    this.options.metrics.spoolRehanded.inc();
    this.take(entry, async () => void (await this.process(entry)));
  }

  private take(entry: SpoolEntry, work: () => Promise<void>): void {
    const { sessionId, jobId, told } = entry;
    const lane = told ? `${sessionId} ${this.laneOf(told)}` : jobId;
    const key = told?.fact.kind === "message" ? `${sessionId} ${told.fact.waKey}` : undefined;
    if (key && told?.fact.kind === "message") this.laneOfKey.set(key, told.fact.waChatId);
    this.jobIds.add(jobId);
    this.underWay.set(sessionId, this.underWayOf(sessionId) + 1);
    this.lanes.add(lane, async () => {
      try {
        await work();
      } catch (err) {
        this.options.log.error({ err, jobId }, "fact not handed over: it stays in the spool");
      }
      if (key) this.laneOfKey.delete(key);
      this.underWay.set(sessionId, this.underWayOf(sessionId) - 1);
    });
  }

  /** True once the queue has it. What fails for good here waits in the spool for the next process. */
  private async process(entry: SpoolEntry): Promise<boolean> {
    const read = await this.repeat(() => this.spool.read(entry), "a fact can't be read from the spool");
    if (!read) return false;
    const told = read.result;
    const file = told.fact.kind === "message" ? told.fact.media : undefined;
    const media = file && !(await this.isInQueue(entry.jobId)) ? await this.takeFile(told, file) : undefined;
    if (this.closing.signal.aborted) return false;
    const job = toJob(told.fact, told, media);
    if (!job || !(await this.addToQueue(job, entry))) return false;
    this.spool.letGo(entry);
    return true;
  }

  /** False when it was refused, or the process ends first. */
  private async addToQueue(job: InboundJob, entry?: SpoolEntry): Promise<boolean> {
    const { facts, metrics } = this.options;
    const checked = jobSchemas[job.name].safeParse(job.data);
    if (!checked.success) {
      await this.refuse(job, checked.error);
      if (entry) this.leave(entry);
      return false;
    }
    if (!(await this.repeat(() => facts.enqueue(job.name, job.data), "the queue does not answer, facts wait")))
      return false;
    metrics.jobs.inc({ name: job.name });
    if (entry) this.confirmations.watch(entry);
    return true;
  }

  private async refuse(job: InboundJob, error: z.ZodError): Promise<void> {
    const { metrics, log, refuse } = this.options;
    metrics.factsRefused.inc({ kind: job.name });
    log.error({ kind: job.name, fields: error.issues.map(({ path }) => path.join(".")) }, "fact refused");
    const reason = error.issues.map(({ message }) => message).join("; ");
    await this.repeat(() => refuse(job, reason), "a refused fact is not written down yet");
  }

  /** Undefined when the process ends first. */
  private repeat<Result>(work: () => Promise<Result>, whatFailed: string): Promise<{ result: Result } | undefined> {
    return retryUntilAborted(work, {
      backoff: retrying,
      signal: this.closing.signal,
      onFailure: (err, retry) => {
        if (retry === 0) this.options.log.warn({ err }, whatFailed);
      },
    });
  }

  private leave(entry: SpoolEntry): void {
    if (this.closing.signal.aborted) return;
    this.spool.done(entry);
    this.jobIds.delete(entry.jobId);
  }

  /** Then its file was taken before. While the queue is away, nobody knows. */
  private async isInQueue(jobId: string): Promise<boolean> {
    const [fate] = await this.options.facts.fatesOf([jobId]).catch(() => ["gone"]);
    return fate !== "gone";
  }

  private async takeFile(
    { companyId, sessionId, fact }: SpooledFact,
    file: EngineMedia,
  ): Promise<TakenMedia | undefined> {
    if (fact.kind !== "message") return undefined;
    const owner = { companyId, sessionId, waKey: fact.waKey, direction: fact.direction };
    const { now, later } = await this.media.take(owner, file);
    void later.then((taken) => {
      if (taken) this.fileCame(owner, taken, 0);
    });
    return now;
  }

  /** What follows a message that is still under way (its edit, say) waits in the same lane. */
  private laneOf({ sessionId, fact }: SpooledFact): string {
    if (fact.kind === "message") return fact.waChatId;
    if (fact.kind === "contact") return `contact ${fact.number}`;
    return this.laneOfKey.get(`${sessionId} ${fact.waKey}`) ?? fact.waChatId ?? fact.waKey;
  }
}
