import type { Connection } from "../connection/connection.ts";
import { encodeControl } from "../frames/encode.ts";
import type { Limits } from "../limits.ts";
import type { GatewayMetrics } from "../metrics.ts";
import { spread } from "../spread.ts";
import { beginBatch, viewFor } from "./batch.ts";
import type { Batch, Feed, FeedItem, ResyncItem } from "./feed.ts";
import { Pace } from "./pace.ts";
import { UnsentBudget } from "./unsent-budget.ts";

/** The loop is given back after so long; what reads from Redis takes a turn of its own in the same pass. */
const turnMs = 6;
/** One company's part of a turn, when others wait. */
const sliceMs = 2;
/** Timers count in milliseconds: what ends within one ends now. */
const timerSlackMs = 1;
const targetsBetweenLooks = 16;

/**
 * Writes each company's items in order: at once when there is little to do, several events per write when there is much.
 * Companies take turns, a slice each, so none waits for another's crowd or backlog.
 */
export class FanOut {
  readonly budget: UnsentBudget;
  private readonly pace = new Pace();
  private ready: Feed[] = [];
  private readonly resting: Feed[] = [];
  private isTurnDue = false;
  private restTimer: NodeJS.Timeout | undefined;
  private waitingBytes = 0;

  constructor(
    private readonly limits: Limits,
    private readonly metrics: GatewayMetrics,
  ) {
    this.budget = new UnsentBudget(limits);
  }

  /** Bytes that wait for their round. */
  get pendingBytes(): number {
    return this.waitingBytes;
  }

  push(feed: Feed, item: FeedItem): void {
    const bytes = item.kind === "event" ? item.frame.length : 0;
    if (this.hasRoom(feed, bytes)) {
      feed.pending.push(item);
      feed.pendingBytes += bytes;
      this.waitingBytes += bytes;
    } else if (item.cursor !== undefined) {
      const { ordinal, cursor } = item;
      this.discard(feed);
      feed.pending.push({ kind: "resync", ordinal, cursor, reason: "overrun" });
    }
    if (feed.isQueued) return;
    feed.isQueued = true;
    this.enqueue(feed);
    this.schedule();
  }

  /** Its last connection is gone: nobody is left to tell. */
  discard(feed: Feed): void {
    this.waitingBytes -= feed.pendingBytes;
    feed.pendingBytes = 0;
    feed.pending = [];
  }

  private hasRoom(feed: Feed, bytes: number): boolean {
    const { pendingItems, pendingBytesPerCompany, pendingBytesPerProcess } = this.limits;
    return (
      feed.pending.length < pendingItems &&
      feed.pendingBytes + bytes <= pendingBytesPerCompany &&
      this.waitingBytes + bytes <= pendingBytesPerProcess
    );
  }

  /** A company that is told something now and then is told at once; one that was told a moment ago rests first. */
  private enqueue(feed: Feed): void {
    if (feed.restsUntil <= performance.now()) this.ready.push(feed);
    else this.resting.push(feed);
  }

  private schedule(): void {
    if (this.ready.length > 0 && !this.isTurnDue) {
      this.isTurnDue = true;
      setImmediate(() => this.turn());
    }
    const [first] = this.resting;
    if (!first || this.restTimer) return;
    this.restTimer = setTimeout(() => this.endRests(), first.restsUntil - performance.now());
  }

  /** In the order in which they began: a rest that began earlier never lasts much longer than a later one. */
  private endRests(): void {
    const now = performance.now() + timerSlackMs;
    const next = this.resting.findIndex((feed) => feed.restsUntil > now);
    this.ready.push(...this.resting.splice(0, next === -1 ? this.resting.length : next));
    this.restTimer = undefined;
    this.schedule();
  }

  private turn(): void {
    const round = this.ready;
    this.ready = [];
    let now = performance.now();
    const endsAt = now + turnMs;
    let served = 0;
    for (const feed of round) {
      const isDone = this.advance(feed, now, Math.min(endsAt, now + sliceMs));
      served += 1;
      now = performance.now();
      if (isDone && feed.pending.length === 0) feed.isQueued = false;
      else this.enqueue(feed);
      if (now > endsAt) break;
    }
    this.ready = [...round.slice(served), ...this.ready];
    this.isTurnDue = false;
    this.schedule();
  }

  /** One batch of one company, as far as time allows. True when all of its targets have it. */
  private advance(feed: Feed, startedAt: number, endsAt: number): boolean {
    feed.batch ??= this.begin(feed);
    const { batch } = feed;
    if (!batch) return true;
    let [writes, deliveries] = [0, 0];
    while (batch.next < batch.targets.length) {
      const target = batch.targets[batch.next];
      batch.next += 1;
      const told = target?.isOpen ? this.tell(target, feed, batch) : 0;
      if (told > 0) writes += 1;
      deliveries += told;
      if (batch.next % targetsBetweenLooks === 0 && performance.now() > endsAt) break;
    }
    const endedAt = performance.now();
    this.pace.note({ startedAt, endedAt, writes, deliveries });
    this.metrics.writes.inc(writes);
    this.metrics.deliveries.inc(deliveries);
    if (batch.next < batch.targets.length) return false;
    feed.batch = undefined;
    feed.restsUntil = endedAt + this.pace.restMs;
    return true;
  }

  private begin(feed: Feed): Batch | undefined {
    const before = feed.pendingBytes;
    const batch = beginBatch(feed);
    this.waitingBytes -= before - feed.pendingBytes;
    return batch;
  }

  /** Answers how many events it wrote. */
  private tell(connection: Connection, feed: Feed, batch: Batch): number {
    if (batch.resync) {
      this.tellResync(connection, batch.resync);
      return 0;
    }
    if (batch.cursorOrdinal > connection.startsAfter) connection.cursor = batch.cursor;
    const view = viewFor(connection, batch);
    if (!view) return 0;
    connection.write(view.bytes);
    this.budget.noteWrite(connection, feed);
    return view.events;
  }

  private tellResync(connection: Connection, { ordinal, reason, cursor }: ResyncItem): void {
    if (ordinal <= connection.startsAfter) return;
    connection.cursor = cursor;
    const data = { reason, cursor, afterMs: spread(this.limits.spreadMs) };
    connection.write(encodeControl({ type: "resync", data }));
  }
}
