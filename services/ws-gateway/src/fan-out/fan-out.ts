import type { Connection } from "../connection/connection.ts";
import { encodeControl } from "../frames/encode.ts";
import type { Limits } from "../limits.ts";
import type { GatewayMetrics } from "../metrics.ts";
import { spread } from "../spread.ts";
import { beginBatch, viewFor } from "./batch.ts";
import { type Batch, type Feed, type FeedItem, memoryOf, type ResyncItem } from "./feed.ts";
import { Pace } from "./pace.ts";
import { UnsentBudget } from "./unsent-budget.ts";

/** Longest time in the event loop before other work runs. */
const turnMs = 6;
/** Time of one company within a turn. */
const sliceMs = 2;
/** Timers have millisecond resolution: rests that end within one millisecond end now. */
const timerSlackMs = 1;
/** Targets that are written between two checks of the time. */
const targetsPerTimeCheck = 16;

/**
 * Writes the items of each company in order: immediately under low load, several events per write under high load. Companies
 * are served round-robin in time slices, so that none waits for another's many connections or backlog.
 */
export class FanOut {
  readonly budget: UnsentBudget;
  private readonly pace = new Pace();
  private ready: Feed[] = [];
  private readonly resting: Feed[] = [];
  private isTurnDue = false;
  private restTimer: NodeJS.Timeout | undefined;
  private totalPendingBytes = 0;

  constructor(
    private readonly limits: Limits,
    private readonly metrics: GatewayMetrics,
  ) {
    this.budget = new UnsentBudget(limits);
  }

  /** Memory of all items that wait to be written. */
  get pendingBytes(): number {
    return this.totalPendingBytes;
  }

  /** Queues an item. When a limit is reached, the pending items of the company are replaced by a resync. */
  push(feed: Feed, item: FeedItem): void {
    if (this.hasRoom(feed, memoryOf(item))) this.append(feed, item);
    else if (item.cursor !== undefined) {
      const { ordinal, cursor } = item;
      this.discard(feed);
      this.append(feed, { kind: "resync", ordinal, cursor, reason: "overrun" });
    }
    if (feed.isQueued) return;
    feed.isQueued = true;
    this.enqueue(feed);
    this.schedule();
  }

  private append(feed: Feed, item: FeedItem): void {
    feed.pending.push(item);
    feed.pendingBytes += memoryOf(item);
    this.totalPendingBytes += memoryOf(item);
  }

  /** Drops the pending items of a feed. */
  discard(feed: Feed): void {
    this.totalPendingBytes -= feed.pendingBytes;
    feed.pendingBytes = 0;
    feed.pending = [];
    noteEmpty(feed);
  }

  /** Resolves when all items of the feed were taken into a write, or dropped. */
  emptied(feed: Feed): Promise<void> {
    if (feed.pending.length === 0) return Promise.resolve();
    return new Promise((resolve) => feed.onEmpty.push(resolve));
  }

  private hasRoom(feed: Feed, bytes: number): boolean {
    const { pendingBytesPerCompany, pendingBytesPerProcess } = this.limits;
    return (
      feed.pendingBytes + bytes <= pendingBytesPerCompany && this.totalPendingBytes + bytes <= pendingBytesPerProcess
    );
  }

  /** A company without recent writes is served at once; one with a recent write rests first. */
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
    this.restTimer = setTimeout(() => this.endRests(), Math.max(0, first.restsUntil - performance.now()));
  }

  /** Ends rests in the order in which they began; a rest never ends much later than one that began after it. */
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

  /** Writes the current batch of a company until `endsAt`. Returns true when all targets have it. */
  private advance(feed: Feed, startedAt: number, endsAt: number): boolean {
    feed.batch ??= this.begin(feed);
    const { batch } = feed;
    if (!batch) return true;
    let writes = 0;
    let deliveries = 0;
    while (batch.next < batch.targets.length) {
      const target = batch.targets[batch.next];
      batch.next += 1;
      const events = target?.isOpen ? this.writeTo(target, feed, batch) : 0;
      if (events > 0) writes += 1;
      deliveries += events;
      if (batch.next % targetsPerTimeCheck === 0 && performance.now() > endsAt) break;
    }
    const endedAt = performance.now();
    this.pace.note({ startedAt, endedAt, writes, deliveries });
    this.metrics.writes.inc(writes);
    this.metrics.deliveries.inc(deliveries);
    if (batch.next < batch.targets.length) return false;
    feed.batch = undefined;
    this.noteLatencies(feed, batch);
    feed.restsUntil = endedAt + this.pace.restMs;
    return true;
  }

  /** A negative duration, from clocks that differ, counts as 0. */
  private noteLatencies({ latency }: Feed, { events }: Batch): void {
    const now = Date.now();
    for (const { emittedAtMs } of events) {
      if (emittedAtMs === undefined) continue;
      latency.record(now - emittedAtMs, now);
      this.metrics.deliverySeconds.observe(Math.max(0, now - emittedAtMs) / 1_000);
    }
  }

  private begin(feed: Feed): Batch | undefined {
    const before = feed.pendingBytes;
    const batch = beginBatch(feed);
    this.totalPendingBytes -= before - feed.pendingBytes;
    if (feed.pending.length === 0) noteEmpty(feed);
    return batch;
  }

  /** Returns the number of events that were written. */
  private writeTo(connection: Connection, feed: Feed, batch: Batch): number {
    if (batch.resync) {
      this.writeResync(connection, batch.resync);
      return 0;
    }
    if (batch.cursorOrdinal > connection.startsAfter) connection.cursor = batch.cursor;
    const view = viewFor(connection, batch);
    if (!view) return 0;
    connection.write(view.bytes);
    this.budget.noteWrite(connection, feed);
    return view.events;
  }

  private writeResync(connection: Connection, { ordinal, reason, cursor }: ResyncItem): void {
    if (ordinal <= connection.startsAfter) return;
    connection.cursor = cursor;
    const data = { reason, cursor, afterMs: spread(this.limits.spreadMs) };
    connection.write(encodeControl({ type: "resync", data }));
  }
}

function noteEmpty(feed: Feed): void {
  for (const listener of feed.onEmpty.splice(0)) listener();
}
