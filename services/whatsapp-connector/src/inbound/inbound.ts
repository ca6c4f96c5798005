import { jobSchemas, type StoredFile } from "@syszap/contracts";
import type { MediaStore } from "@syszap/media-store";
import type { Logger } from "@syszap/platform";
import { type Backoff, untilDone, within } from "../backoff.ts";
import type { Engine, EngineFact } from "../engines/engine.ts";
import type { Lease } from "../lease.ts";
import type { ConnectorMetrics } from "../metrics.ts";
import type { FactQueue } from "./fact-queue.ts";
import { type InboundJob, toJob } from "./jobs.ts";
import { Lanes } from "./lanes.ts";
import { MediaIntake, type MediaTimes } from "./media-intake.ts";
import { ProfilePictures } from "./profile-pictures.ts";

export interface InboundDependencies {
  facts: FactQueue;
  mediaStore: MediaStore;
  /** Of one file; a message whose file is larger comes without it. */
  mediaLimitBytes: number;
  mediaTimes: MediaTimes;
  /** Writes down what no worker could take. */
  refuse(job: InboundJob, reason: string): Promise<void>;
  metrics: ConnectorMetrics;
  log: Logger;
}

const handOver: Backoff = { firstMs: 100, mostMs: 5_000 };
const mostUnderWay = 5_000;

/** Hands what WhatsApp said to the workers: each chat in its own order, media first, repeated until the queue has it. */
export class Inbound {
  private readonly lanes = new Lanes();
  private readonly chatOfKey = new Map<string, string>();
  private readonly pictures: ProfilePictures;
  private readonly media: MediaIntake;
  private readonly closing = new AbortController();
  private receipt = 0;
  private droppedSinceMs: number | undefined;
  private isOpened = false;
  private readonly opened: Promise<void>;
  private letIn = (): void => undefined;

  constructor(
    private readonly lease: Lease,
    /** Throws while none runs. */
    private readonly engine: () => Engine,
    private readonly given: InboundDependencies,
  ) {
    this.opened = new Promise((resolve) => {
      this.letIn = resolve;
    });
    this.pictures = new ProfilePictures({
      companyId: lease.companyId,
      fetch: async (number) => engine().fetchProfilePicture(number),
      store: given.mediaStore,
      found: (number, picture) => this.pictureFound(number, picture),
      log: given.log,
    });
    this.media = new MediaIntake({
      companyId: lease.companyId,
      engine,
      store: given.mediaStore,
      limitBytes: given.mediaLimitBytes,
      times: given.mediaTimes,
      metrics: given.metrics,
      log: given.log,
      signal: this.closing.signal,
    });
  }

  /** Takes a number at once, so that the order of receipt is kept; returns without waiting. */
  accept(fact: EngineFact): void {
    this.given.metrics.facts.inc({ kind: fact.kind });
    const skipped = skipReason(fact);
    if (skipped) this.given.metrics.factsSkipped.inc({ reason: skipped });
    else if (this.lanes.size >= mostUnderWay) this.drop(fact);
    else this.take(fact, this.receipt++);
  }

  /** From now on, also for what was accepted before: until then it only waits, since it may not be this session's to tell. */
  open(): void {
    this.isOpened = true;
    this.letIn();
  }

  get isOpen(): boolean {
    return this.isOpened;
  }

  get underWay(): number {
    return this.lanes.size;
  }

  /** Waits for what is under way, at most `graceMs`; the rest is told again by `fetchSince` at the next start. */
  async close(graceMs: number): Promise<void> {
    this.pictures.close();
    if (!this.isOpened) {
      this.closing.abort();
      this.letIn();
    }
    await within(graceMs, "handing over facts", this.lanes.idle()).catch(() => undefined);
    this.closing.abort();
  }

  private take(fact: EngineFact, receipt: number): void {
    const lane = this.laneOf(fact);
    if (fact.kind === "message") this.chatOfKey.set(fact.waKey, lane);
    this.lanes.add(lane, () => this.process(fact, receipt));
  }

  private async process(fact: EngineFact, receipt: number): Promise<void> {
    await this.opened;
    if (!this.isOpened) return;
    try {
      const media = fact.kind === "message" && fact.media ? await this.media.take(fact.media) : undefined;
      const { companyId, sessionId, generation } = this.lease;
      const job = toJob(fact, { companyId, sessionId, generation, receipt }, media);
      if (job) await this.enqueue(job);
    } catch (err) {
      this.given.log.error({ err, kind: fact.kind }, "fact not handed over");
    }
    if (fact.kind === "message") {
      this.chatOfKey.delete(fact.waKey);
      if (fact.direction === 0) this.pictures.sender(fact.client.number);
    }
    if (fact.kind === "contact" && fact.pictureChanged) this.pictures.changed(fact.number);
    if (this.droppedSinceMs !== undefined && this.lanes.size < mostUnderWay / 2)
      await this.refetch(this.droppedSinceMs);
  }

  /** WhatsApp still has what went over the bound. */
  private async refetch(sinceMs: number): Promise<void> {
    this.droppedSinceMs = undefined;
    try {
      await this.engine().fetchSince(sinceMs);
    } catch (err) {
      this.droppedSinceMs = Math.min(this.droppedSinceMs ?? sinceMs, sinceMs); // the next fact tries again
      this.given.log.warn({ err }, "dropped facts not fetched again yet");
    }
  }

  private async enqueue(job: InboundJob): Promise<void> {
    const { facts, metrics, log } = this.given;
    const checked = jobSchemas[job.name].safeParse(job.data);
    if (!checked.success) {
      metrics.factsRefused.inc({ kind: job.name });
      log.error({ kind: job.name, fields: checked.error.issues.map((issue) => issue.path.join(".")) }, "fact refused");
      await this.given.refuse(job, checked.error.issues.map((issue) => issue.message).join("; "));
      return;
    }
    const done = await untilDone(() => facts.enqueue(job.name, job.data), {
      backoff: handOver,
      signal: this.closing.signal,
      onFailure: (err, retry) => {
        if (retry === 0) log.warn({ err }, "the queue does not answer, facts wait in memory");
      },
    });
    if (done) metrics.jobs.inc({ name: job.name });
  }

  private pictureFound(number: string, picture: StoredFile | null): void {
    const { companyId, sessionId } = this.lease;
    const data = { companyId, sessionId, number, picture, timestampMs: Date.now() };
    this.lanes.add(`contact ${number}`, () => this.enqueue({ name: "contact", data }));
  }

  /** What follows a message that is still under way (its edit, say) waits in the same lane. */
  private laneOf(fact: EngineFact): string {
    if (fact.kind === "message") return fact.waChatId;
    if (fact.kind === "contact") return `contact ${fact.number}`;
    return this.chatOfKey.get(fact.waKey) ?? fact.waChatId ?? fact.waKey;
  }

  private drop(fact: EngineFact): void {
    this.droppedSinceMs = Math.min(this.droppedSinceMs ?? fact.timestampMs, fact.timestampMs);
    this.given.metrics.factsDropped.inc();
  }
}

/** The inbox is for talks between two: whatever else WhatsApp carries is left out here, and only here. */
function skipReason(fact: EngineFact): string | undefined {
  const waChatId = fact.kind === "contact" ? undefined : fact.waChatId;
  if (waChatId === undefined) return undefined;
  if (waChatId.endsWith("@g.us")) return "group";
  if (waChatId === "status@broadcast") return "status";
  if (waChatId.endsWith("@broadcast")) return "broadcast";
  return waChatId.endsWith("@newsletter") ? "newsletter" : undefined;
}
