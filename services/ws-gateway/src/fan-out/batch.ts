import type { Audience } from "@syszap/contracts";
import type { Connection } from "../connection/connection.ts";
import { joinFrames } from "../frames/encode.ts";
import type { Permissions } from "../permissions.ts";
import { type Batch, type EventItem, type Feed, type FeedItem, memoryOf, type View } from "./feed.ts";

const maxBatchItems = 1_000;
const maxBatchBytes = 256 * 1024;
/** Connections with the same permissions share a view. Views beyond this limit are built per connection and not kept. */
const maxSharedViewBytes = 16 * maxBatchBytes;

/** Takes pending items from the front, within the bounds of items and bytes. Returns undefined when nothing is pending. */
export function beginBatch(feed: Feed): Batch | undefined {
  const items = takeItems(feed);
  const [first] = items;
  if (!first) return undefined;
  const events = items.filter((item) => item.kind === "event");
  const audiences = [...new Set(events.map(({ audience }) => audience))].filter(({ kind }) => kind !== "company");
  const positioned = items.findLast((item) => item.cursor !== undefined);
  return {
    events,
    resync: first.kind === "resync" ? first : undefined,
    targets: [...feed.connections],
    next: 0,
    firstOrdinal: first.ordinal,
    cursor: positioned?.cursor,
    cursorOrdinal: positioned?.ordinal ?? 0,
    audiences,
    namedUsers: usersNamedBy(audiences),
    everything: undefined,
    views: new Map(),
    viewBytes: 0,
    viewsByPermissions: new Map(),
  };
}

function usersNamedBy(audiences: readonly Audience[]): Set<string> {
  const named = new Set<string>();
  for (const audience of audiences) {
    if (audience.kind === "user") named.add(audience.userId);
    if (audience.kind !== "reach") continue;
    for (const userId of audience.users) named.add(userId);
    for (const userId of audience.except?.users ?? []) named.add(userId);
  }
  return named;
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
  for (const item of items) feed.pendingBytes -= memoryOf(item);
  return items;
}

/**
 * Returns the encoded events of the batch that this connection may read, or undefined when there are none. Connections with
 * the same permissions get the same buffer.
 */
export function viewFor(connection: Connection, batch: Batch): View | undefined {
  if (batch.firstOrdinal <= connection.startsAfter) return viewOfNewcomer(connection, batch);
  if (batch.audiences.length === 0) return viewOfEverything(batch);
  const { userId, permissions } = connection.identity;
  const view = batch.namedUsers.has(userId)
    ? sharedView(connection, batch)
    : (batch.viewsByPermissions.get(permissions) ?? sharedView(connection, batch, permissions));
  return view.events > 0 ? view : undefined;
}

/** Returns the view of the events that the connection may read. Keeps it, also by `permissions`, within the limit. */
function sharedView(connection: Connection, batch: Batch, permissions?: Permissions): View {
  const mayRead = batch.audiences.map((audience) => connection.mayRead(audience));
  const view = mayRead.every(Boolean) ? viewOfEverything(batch) : viewOfPart(batch, mayRead);
  const isKept = view === batch.everything || batch.views.has(keyOf(mayRead));
  if (permissions && isKept) batch.viewsByPermissions.set(permissions, view);
  return view;
}

function viewOfEverything(batch: Batch): View {
  batch.everything ??= toView(batch.events);
  return batch.everything;
}

function viewOfPart(batch: Batch, mayRead: readonly boolean[]): View {
  const key = keyOf(mayRead);
  const shared = batch.views.get(key);
  if (shared) return shared;
  const hidden = new Set(batch.audiences.filter((_, index) => !mayRead[index]));
  const view = toView(batch.events.filter(({ audience }) => !hidden.has(audience)));
  if (batch.viewBytes + view.bytes.length > maxSharedViewBytes) return view;
  batch.viewBytes += view.bytes.length;
  batch.views.set(key, view);
  return view;
}

const keyOf = (mayRead: readonly boolean[]): string => mayRead.map(Number).join("");

/**
 * The resume of the connection is not complete, or was completed after the first event of the batch. Earlier durable events are
 * part of the resume; ephemeral events are not.
 */
function viewOfNewcomer(connection: Connection, batch: Batch): View | undefined {
  const { startsAfter, joinedAfter } = connection;
  const events = batch.events.filter(
    (event) =>
      event.ordinal > (event.cursor === undefined ? joinedAfter : startsAfter) && connection.mayRead(event.audience),
  );
  return events.length > 0 ? toView(events) : undefined;
}

const toView = (events: EventItem[]): View => ({
  bytes: joinFrames(events.map(({ frame }) => frame)),
  events: events.length,
});
