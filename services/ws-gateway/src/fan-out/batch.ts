import type { Connection } from "../connection/connection.ts";
import { joinFrames } from "../frames/encode.ts";
import type { Batch, EventItem, Feed, FeedItem, View } from "./feed.ts";

const maxBatchItems = 1_000;
const maxBatchBytes = 256 * 1024;
/** Persons with the same rights share a view; beyond so many the next ones are made for one connection each. */
const maxSharedViews = 16;

/** Takes from the front of what is pending, up to a bound of items and bytes; undefined when nothing is. */
export function beginBatch(feed: Feed): Batch | undefined {
  const items = takeItems(feed);
  const [first] = items;
  if (!first) return undefined;
  const events = items.filter((item) => item.kind === "event");
  const placed = items.findLast((item) => item.cursor !== undefined);
  return {
    events,
    resync: first.kind === "resync" ? first : undefined,
    targets: [...feed.connections],
    next: 0,
    firstOrdinal: first.ordinal,
    cursor: placed?.cursor,
    cursorOrdinal: placed?.ordinal ?? 0,
    restricted: events.flatMap(({ audience }, index) => (audience.kind === "company" ? [] : [index])),
    everything: undefined,
    views: new Map(),
  };
}

function takeItems(feed: Feed): FeedItem[] {
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
  const isAll = count === feed.pending.length;
  const items = isAll ? feed.pending : feed.pending.slice(0, count);
  feed.pending = isAll ? [] : feed.pending.slice(count);
  feed.pendingBytes -= bytes;
  return items;
}

/** Finished bytes for this connection: the same buffer for all that see the same. Undefined when it may see nothing of it. */
export function viewFor(connection: Connection, batch: Batch): View | undefined {
  if (batch.firstOrdinal <= connection.startsAfter) return viewOfNewcomer(connection, batch);
  if (batch.restricted.length === 0) {
    batch.everything ??= toView(batch.events);
    return batch.everything;
  }
  const key = batch.restricted.map((index) => (maySee(connection, batch.events[index]) ? 1 : 0)).join("");
  const known = batch.views.get(key);
  if (known) return known.events > 0 ? known : undefined;
  const view = toView(batch.events.filter((event) => event.audience.kind === "company" || maySee(connection, event)));
  if (batch.views.size < maxSharedViews) batch.views.set(key, view);
  return view.events > 0 ? view : undefined;
}

/** It joined in the middle of the batch: what came before is in its past. */
function viewOfNewcomer(connection: Connection, batch: Batch): View | undefined {
  const events = batch.events.filter((event) => event.ordinal > connection.startsAfter && maySee(connection, event));
  return events.length > 0 ? toView(events) : undefined;
}

const maySee = (connection: Connection, event: EventItem | undefined): boolean =>
  event !== undefined && connection.mayRead(event.audience);

const toView = (events: EventItem[]): View => ({
  bytes: joinFrames(events.map(({ frame }) => frame)),
  events: events.length,
});
