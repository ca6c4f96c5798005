import type { StoredFile } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import type { MediaStore } from "@syszap/media-store";
import type { Logger } from "@syszap/platform";
import type { Engine, EngineFact } from "../engines/contract/engine.ts";
import type { Lease } from "../lease.ts";
import type { ConnectorMetrics } from "../metrics.ts";
import type { HandOver } from "./hand-over.ts";
import { type PictureTimes, ProfilePictures } from "./profile-pictures.ts";

export interface InboundDependencies {
  handOver: HandOver;
  mediaStore: MediaStore;
  database: Database;
  pictureTimes: PictureTimes;
  metrics: ConnectorMetrics;
  log: Logger;
}

const mostWaiting = 5_000;
/** WhatsApp's clock is not ours, and tells whole seconds: better a notice too many than a customer whom nobody notices. */
const clockMarginMs = 10_000;

/** Takes what WhatsApp said to one session, under one lease, and hands it over. */
export class Inbound {
  private readonly pictures: ProfilePictures;
  private readonly detach: () => void;
  private receipt = 0;
  private waiting: { fact: EngineFact; receipt: number }[] = [];
  private isOpened = false;
  private linkedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly lease: Lease,
    /** Throws while none runs. */
    engine: () => Engine,
    private readonly given: InboundDependencies,
    /** There was no room for something of this time: WhatsApp must be asked for it again. */
    private readonly onMissed: (timestampMs: number) => void,
  ) {
    this.detach = given.handOver.attach(lease.sessionId, engine);
    this.pictures = new ProfilePictures({
      companyId: lease.companyId,
      fetch: async (number) => engine().fetchProfilePicture(number),
      lastCheck: (number) =>
        given.database.withCompany(lease.companyId, ({ pictureChecks }) => pictureChecks.findLast(number)),
      store: given.mediaStore,
      times: given.pictureTimes,
      found: (number, picture) => this.pictureFound(number, picture),
      log: given.log,
    });
  }

  /** Takes a number at once, so that the order of receipt is kept; returns without waiting. */
  accept(fact: EngineFact): void {
    const { metrics } = this.given;
    metrics.facts.inc({ kind: fact.kind });
    const skipped = skipReason(fact);
    if (skipped) {
      metrics.factsSkipped.inc({ reason: skipped });
      return;
    }
    const receipt = this.receipt++;
    if (this.isOpened) this.take(fact, receipt);
    else if (this.waiting.length < mostWaiting) this.waiting.push({ fact, receipt });
    else this.missed(fact);
  }

  /**
   * From now on, also for what was accepted before: until then it only waits, since it may not be this session's to tell.
   * What is older than the link is history.
   */
  open(linkedAt: Date | undefined): void {
    if (this.isOpened) return;
    this.isOpened = true;
    if (linkedAt) this.linkedAtMs = linkedAt.getTime();
    for (const { fact, receipt } of this.waiting.splice(0)) this.take(fact, receipt);
  }

  get isOpen(): boolean {
    return this.isOpened;
  }

  /** Facts that the queue does not have yet. */
  get underWay(): number {
    return this.waiting.length + this.given.handOver.underWayOf(this.lease.sessionId);
  }

  /** What was taken goes on without the session. */
  close(): void {
    this.pictures.close();
    this.waiting = [];
    this.detach();
  }

  private take(fact: EngineFact, receipt: number): void {
    if (fact.kind === "contact" && fact.pictureChanged) this.pictures.changed(fact.number);
    if (fact.kind === "contact" && fact.name === undefined) return; // nothing that anybody stores
    const { companyId, sessionId, generation } = this.lease;
    const by = { companyId, sessionId, generation, receipt };
    const told = { ...by, fact: this.withHistory(fact), acceptedAtMs: Date.now() };
    const isTaken = this.given.handOver.accept(told, () => {
      this.timeDelay(told);
      if (fact.kind === "message" && fact.direction === 0) this.pictures.sender(fact.client.number);
    });
    if (!isTaken) this.missed(fact);
  }

  /** From WhatsApp's clock to ours, and on to the queue. Nobody waits for history. */
  private timeDelay({ fact, acceptedAtMs }: { fact: EngineFact; acceptedAtMs: number }): void {
    if (fact.kind !== "message" || fact.isHistory) return;
    const { stages } = this.given.metrics;
    stages.observe({ stage: "whatsapp_to_connector" }, Math.max(0, acceptedAtMs - fact.timestampMs) / 1_000);
    stages.observe({ stage: "connector_to_queue" }, Math.max(0, Date.now() - acceptedAtMs) / 1_000);
  }

  /** The engine knows of a link only in the run that saw it. */
  private withHistory(fact: EngineFact): EngineFact {
    if (fact.kind !== "message" || fact.isHistory) return fact;
    return { ...fact, isHistory: fact.timestampMs < this.linkedAtMs - clockMarginMs };
  }

  private missed(fact: EngineFact): void {
    this.given.metrics.factsDropped.inc();
    this.onMissed(fact.timestampMs);
  }

  private pictureFound(number: string, picture: StoredFile | null): void {
    const { companyId, sessionId } = this.lease;
    const data = { companyId, sessionId, number, picture, timestampMs: Date.now() };
    this.given.handOver.enqueue({ name: "contact", data }, `${sessionId} contact ${number}`);
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
