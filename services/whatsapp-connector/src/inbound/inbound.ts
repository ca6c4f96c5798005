import { isGroupChat, type StoredFile } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import type { MediaStore } from "@syszap/media-store";
import { canonicalNumber, type Logger } from "@syszap/platform";
import { RecentIds } from "@syszap/platform/async";
import type { Engine, EngineFact } from "../engines/contract/engine.ts";
import type { Lease } from "../lease.ts";
import type { ConnectorMetrics } from "../metrics.ts";
import type { FactForwarder } from "./fact-forwarder.ts";
import { type PictureTimes, ProfilePictures } from "./media/profile-pictures.ts";
import type { SpooledFact } from "./spool/entry.ts";

export interface InboundDependencies {
  forwarder: FactForwarder;
  mediaStore: MediaStore;
  database: Database;
  pictureTimes: PictureTimes;
  /** When groups were switched on for the session; null: they are off. */
  groupsSince(): Date | null;
  metrics: ConnectorMetrics;
  log: Logger;
}

type GroupFact = Extract<EngineFact, { kind: "group" }>;

/** WhatsApp's times are whole seconds. */
const wholeSecondMs = 1_000;
const maxWaiting = 5_000;
const maxLids = 20_000;
/** Receipt numbers that are reserved for the facts of a gap. */
const receiptsPerGap = 1_000_000;
/** WhatsApp's clock may differ from ours and has whole seconds. Within the margin, a message counts as new, not as history. */
const clockMarginMs = 10_000;

/** Receives the facts of one session under one lease and passes them to the forwarder. */
export class Inbound {
  private readonly pictures: ProfilePictures;
  private readonly detach: () => void;
  private receipt = receiptsPerGap;
  /** Recovered facts sort before the facts that were received after their gap, which matters within the same second. */
  private recoveredReceipt = 0;
  private waiting: { fact: EngineFact; receipt: number }[] = [];
  private isOpened = false;
  /** LIDs of contacts whose number is not known. */
  private readonly lids = new RecentIds(maxLids);
  private ownNumber: string | undefined;
  private linkedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly lease: Lease,
    /** Throws while no engine runs. */
    engine: () => Engine,
    private readonly dependencies: InboundDependencies,
    /** Called when a fact of this time was dropped for lack of room. It must be fetched from WhatsApp again. */
    private readonly onMissed: (timestampMs: number) => void,
  ) {
    this.detach = dependencies.forwarder.attach(lease.sessionId, engine);
    this.pictures = new ProfilePictures({
      companyId: lease.companyId,
      fetch: async (number) => engine().fetchProfilePicture(this.lids.has(number) ? `${number}@lid` : number),
      lastCheck: (number) => this.lastPictureCheck(number),
      store: dependencies.mediaStore,
      times: dependencies.pictureTimes,
      onPicture: (number, picture) => this.enqueuePicture(number, picture),
      log: dependencies.log,
    });
  }

  /** Assigns the sequence number at once, which preserves the order of receipt. Returns without waiting. */
  accept(fact: EngineFact): void {
    if (!this.isForInbox(fact)) return;
    const receipt = this.receipt++;
    if (this.isOpened) this.take(fact, receipt);
    else if (this.waiting.length < maxWaiting) this.waiting.push({ fact, receipt });
    else this.missed(fact);
  }

  /** Sets the number of the linked phone. */
  linked(phoneNumber: string): void {
    this.ownNumber = canonicalNumber(phoneNumber);
  }

  /** Reserves receipt numbers for the facts that are missed from now on. */
  beginGap(): void {
    this.recoveredReceipt = this.receipt;
    this.receipt += receiptsPerGap;
  }

  /** Accepts a fact that was read from a gap. Resolves when it is stored. Undefined: there is no room for it. */
  acceptRecovered(fact: EngineFact): Promise<void> | undefined {
    if (!this.isForInbox(fact) || !this.prepare(fact)) return Promise.resolve();
    return this.dependencies.forwarder
      .acceptRecovered(this.spooled(fact, this.recoveredReceipt++))
      ?.then(() => this.requestPicture(fact));
  }

  /**
   * Starts forwarding, with the facts accepted before. Until then it is not certain that they belong to this session. Messages
   * older than the link are marked as history.
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

  /** Number of facts that are not in the queue yet. */
  get inProgress(): number {
    return this.waiting.length + this.dependencies.forwarder.inProgressOf(this.lease.sessionId);
  }

  /** Facts that were passed to the forwarder are processed further. */
  close(): void {
    this.pictures.close();
    this.waiting = [];
    this.detach();
  }

  private take(fact: EngineFact, receipt: number): void {
    if (!this.prepare(fact)) return;
    const spooled = this.spooled(fact, receipt);
    const isAccepted = this.dependencies.forwarder.accept(spooled, () => {
      this.observeDelay(spooled);
      this.requestPicture(fact);
    });
    if (!isAccepted) this.missed(fact);
  }

  /** Counts the fact. False for a fact that the inbox does not hold. */
  private isForInbox(fact: EngineFact): boolean {
    const { metrics } = this.dependencies;
    metrics.facts.inc({ kind: fact.kind });
    const skipped = this.skipReason(fact);
    if (skipped) metrics.factsSkipped.inc({ reason: skipped });
    return skipped === undefined;
  }

  /** Keeps what the fact says about its contact. False for a fact that no job stores: one that only reports a new picture. */
  private prepare(fact: EngineFact): boolean {
    if (fact.kind === "group") return this.prepareGroup(fact);
    const contact = fact.kind === "contact" ? fact : fact.kind === "message" ? fact.client : undefined;
    if (contact?.lid !== undefined && contact.lid === contact.number) this.lids.add(contact.lid);
    if (fact.kind === "contact" && fact.pictureChanged) this.pictures.changed(fact.number);
    return fact.kind !== "contact" || fact.name !== undefined || fact.username !== undefined;
  }

  private prepareGroup({ waChatId, pictureChanged, subject, participants, isMember }: GroupFact): boolean {
    if (pictureChanged) this.pictures.changed(waChatId);
    else this.pictures.sender(waChatId);
    return subject !== undefined || participants !== undefined || isMember !== undefined;
  }

  /** The picture of a group is fetched once. Its changes are reported. */
  private lastPictureCheck(id: string): Promise<Date | undefined> {
    const { companyId, sessionId } = this.lease;
    return this.dependencies.database.withCompany(companyId, async ({ chats, pictureChecks }) => {
      if (!isGroupChat(id)) return pictureChecks.findLast(id);
      const chat = await chats.findByWaChatId(sessionId, id);
      return chat?.group?.pictureUrl ? new Date() : undefined;
    });
  }

  private requestPicture(fact: EngineFact): void {
    if (fact.kind === "message" && fact.direction === 0 && fact.client) this.pictures.sender(fact.client.number);
  }

  private spooled(fact: EngineFact, receipt: number): SpooledFact {
    const { companyId, sessionId, generation } = this.lease;
    return { companyId, sessionId, generation, receipt, fact: this.withHistory(fact), acceptedAtMs: Date.now() };
  }

  /** Observes the delays from WhatsApp's time to the connector and from there to the queue. History is not observed. */
  private observeDelay({ fact, acceptedAtMs }: { fact: EngineFact; acceptedAtMs: number }): void {
    if (fact.kind !== "message" || fact.isHistory) return;
    const { stages } = this.dependencies.metrics;
    stages.observe({ stage: "whatsapp_to_connector" }, Math.max(0, acceptedAtMs - fact.timestampMs) / 1_000);
    stages.observe({ stage: "connector_to_queue" }, Math.max(0, Date.now() - acceptedAtMs) / 1_000);
  }

  /** Only the session knows when its phone was linked first, so history is marked here. */
  private withHistory(fact: EngineFact): EngineFact {
    if (fact.kind !== "message" || fact.isHistory) return fact;
    return { ...fact, isHistory: fact.timestampMs < this.linkedAtMs - clockMarginMs };
  }

  /** The inbox holds chats with others: a note that the phone's owner wrote to the own number is dropped here. */
  private skipReason(fact: EngineFact): string | undefined {
    if (this.ownNumber !== undefined && numberOf(fact) === this.ownNumber) return "own_number";
    const reason = kindOfOtherChat(fact);
    return reason === "group" && this.isOfReceivedGroup(fact) ? undefined : reason;
  }

  /** Groups are opt-in. Messages from before they were switched on are not received either. */
  private isOfReceivedGroup(fact: EngineFact): boolean {
    const since = this.dependencies.groupsSince();
    if (since === null) return false;
    return fact.kind !== "message" || fact.timestampMs + wholeSecondMs > since.getTime();
  }

  private missed(fact: EngineFact): void {
    this.dependencies.metrics.factsDropped.inc();
    this.onMissed(fact.timestampMs);
  }

  private enqueuePicture(number: string, picture: StoredFile | null): void {
    const { companyId, sessionId } = this.lease;
    if (isGroupChat(number)) {
      const data = { companyId, sessionId, waChatId: number, picture, timestampMs: Date.now() };
      this.dependencies.forwarder.enqueue({ name: "group", data }, `${sessionId} ${number}`);
      return;
    }
    const lid = this.lids.has(number) ? { lid: number } : {};
    const data = { companyId, sessionId, number, ...lid, picture, timestampMs: Date.now() };
    this.dependencies.forwarder.enqueue({ name: "contact", data }, `${sessionId} contact ${number}`);
  }
}

/** Canonical number of the contact or chat; undefined where the fact names none. */
function numberOf(fact: EngineFact): string | undefined {
  if (fact.kind === "message") return fact.client && canonicalNumber(fact.client.number);
  if (fact.kind === "contact") return canonicalNumber(fact.number);
  return fact.waChatId?.endsWith("@c.us") ? canonicalNumber(fact.waChatId.split("@", 1)[0] ?? "") : undefined;
}

/** The kind of a chat without a contact. Statuses, broadcasts and newsletters are dropped here, and groups unless they are on. */
function kindOfOtherChat(fact: EngineFact): string | undefined {
  const waChatId = fact.kind === "contact" ? undefined : fact.waChatId;
  if (waChatId === undefined) return undefined;
  if (isGroupChat(waChatId)) return "group";
  if (waChatId === "status@broadcast") return "status";
  if (waChatId.endsWith("@broadcast")) return "broadcast";
  return waChatId.endsWith("@newsletter") ? "newsletter" : undefined;
}
