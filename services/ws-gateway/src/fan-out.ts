import type { Audience, Cursor } from "@syszap/contracts";
import { closeCodes } from "@syszap/contracts";
import type { Limits } from "./admission/limits.ts";
import type { Connection } from "./connection.ts";
import { encodeControl, encodeFrame } from "./frames/encode.ts";
import { spread } from "./resume.ts";
import type { GatewayMetrics } from "./statistics/gateway-metrics.ts";

/** Something to tell a company's connections, in its place. */
export type FeedItem = { ordinal: number; cursor: Cursor | undefined } & (
  | { kind: "event"; frame: Buffer; audience: Audience }
  | { kind: "resync"; reason: string; cursor: Cursor }
);
type EventItem = Extract<FeedItem, { kind: "event" }>;

/** One company's connections here, and what they still have to be told. */
export class Feed {
  readonly connections = new Set<Connection>();
  readonly pending: FeedItem[] = [];
  /** Number of the newest item; local to this process and never reused. */
  ordinal = 0;
  isQueued = false;
  batch: Batch | undefined;
}

/** What is written in one go: the targets are fixed when it begins, so whoever joins later is not among them. */
interface Batch {
  items: FeedItem[];
  targets: Connection[];
  next: number;
  isForAll: boolean;
  firstOrdinal: number;
  /** Finished bytes by who may see what: "11" for all of two. */
  shared: Map<string, Buffer>;
}

const maxBatchItems = 64;
const maxBatchBytes = 256 * 1024;
/** The loop is given back after so long, and companies take turns. */
const turnMs = 8;
const targetsBetweenLooks = 32;

/** Writes each company's items in order: at once when idle, several per write when busy, never all of a crowd in one turn. */
export class FanOut {
  private readonly queue: Feed[] = [];
  private isScheduled = false;

  constructor(
    private readonly limits: Limits,
    private readonly metrics: GatewayMetrics,
  ) {}

  push(feed: Feed, item: FeedItem): void {
    if (feed.pending.length < this.limits.pendingItems) feed.pending.push(item);
    else if (item.cursor !== undefined) {
      const { ordinal, cursor } = item;
      feed.pending.length = 0;
      feed.pending.push({ kind: "resync", ordinal, cursor, reason: "overrun" });
    }
    if (!feed.isQueued) {
      feed.isQueued = true;
      this.queue.push(feed);
    }
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => this.turn());
  }

  private turn(): void {
    const endsAt = performance.now() + turnMs;
    for (let feed = this.queue.shift(); feed; feed = this.queue.shift()) {
      const isDone = this.advance(feed, endsAt);
      feed.isQueued = !isDone;
      if (!isDone) this.queue.push(feed);
      if (performance.now() > endsAt) break;
    }
    this.isScheduled = this.queue.length > 0;
    if (this.isScheduled) setImmediate(() => this.turn());
  }

  /** One batch of one company, as far as time allows. True when nothing is left to tell. */
  private advance(feed: Feed, endsAt: number): boolean {
    feed.batch ??= begin(feed);
    const { batch } = feed;
    while (batch && batch.next < batch.targets.length) {
      const target = batch.targets[batch.next];
      batch.next += 1;
      if (target?.isOpen) this.tell(target, batch);
      if (batch.next % targetsBetweenLooks === 0 && performance.now() > endsAt) return false;
    }
    feed.batch = undefined;
    return feed.pending.length === 0;
  }

  private tell(connection: Connection, batch: Batch): void {
    const [only] = batch.items;
    if (only?.kind === "resync") {
      if (only.ordinal <= connection.startsAfter) return;
      connection.cursor = only.cursor;
      const data = { reason: only.reason, cursor: only.cursor, afterMs: spread(this.limits.spreadMs) };
      connection.write(encodeControl({ type: "resync", data }));
      return;
    }
    const bytes = this.bytesFor(connection, batch);
    for (const item of batch.items)
      if (item.cursor !== undefined && item.ordinal > connection.startsAfter) connection.cursor = item.cursor;
    if (bytes.length > 0) connection.write(bytes);
    if (connection.unsentBytes > this.limits.unsentBytes)
      connection.close(closeCodes.slowConsumer, "reads too slowly: come back with your cursor");
  }

  private bytesFor(connection: Connection, batch: Batch): Buffer {
    const isForAll = batch.isForAll && batch.firstOrdinal > connection.startsAfter;
    const events = batch.items as EventItem[];
    const view = isForAll
      ? "all"
      : events
          .map((item) => (item.ordinal > connection.startsAfter && connection.mayRead(item.audience) ? 1 : 0))
          .join("");
    let bytes = batch.shared.get(view);
    if (!bytes) {
      const seen = isForAll ? events : events.filter((_, index) => view[index] === "1");
      bytes = Buffer.concat(seen.map(({ frame }) => encodeFrame(frame)));
      batch.shared.set(view, bytes);
    }
    if (bytes.length > 0) this.metrics.deliveries.inc(isForAll ? events.length : view.replaceAll("0", "").length);
    return bytes;
  }
}

/** Up to a bound of items and bytes; a `resync` stands alone, since each connection gets a spread of its own. */
function begin(feed: Feed): Batch {
  let count = 0;
  let bytes = 0;
  for (const item of feed.pending) {
    if (item.kind === "resync") {
      if (count === 0) count = 1;
      break;
    }
    if (count === maxBatchItems || (count > 0 && bytes + item.frame.length > maxBatchBytes)) break;
    bytes += item.frame.length;
    count += 1;
  }
  const items = feed.pending.splice(0, count);
  return {
    items,
    targets: [...feed.connections],
    next: 0,
    isForAll: items.every((item) => item.kind === "event" && item.audience.kind === "company"),
    firstOrdinal: items[0]?.ordinal ?? 0,
    shared: new Map(),
  };
}
