import type { Audience, Cursor } from "@syszap/contracts";
import { LatencyRecorder } from "@syszap/event-bus";
import type { Connection } from "../connection/connection.ts";
import type { Permissions } from "../permissions.ts";

/** One item for the connections of a company, in order. */
export type FeedItem = { ordinal: number; cursor: Cursor | undefined } & (
  | { kind: "event"; frame: Buffer; audience: Audience; emittedAtMs?: number | undefined }
  | { kind: "resync"; reason: string; cursor: Cursor }
);
export type EventItem = Extract<FeedItem, { kind: "event" }>;
export type ResyncItem = Extract<FeedItem, { kind: "resync" }>;

/** Memory of an item apart from its frame, rounded up. */
const itemOverheadBytes = 256;

export function memoryOf(item: FeedItem): number {
  return item.kind === "event" ? itemOverheadBytes + item.frame.length : itemOverheadBytes;
}

/** Items that are written together. The targets are fixed at the start; connections that join later are not included. */
export interface Batch {
  /** Empty for a `resync`, which is written separately because each connection gets its own random delay. */
  events: EventItem[];
  resync: ResyncItem | undefined;
  targets: Connection[];
  next: number;
  firstOrdinal: number;
  /** The newest cursor of the batch, for connections that joined before `cursorOrdinal`. */
  cursor: Cursor | undefined;
  cursorOrdinal: number;
  /** The different audiences of the events, without the whole company. */
  audiences: readonly Audience[];
  /** Users that the audience of an event names. All others with equal permissions receive the same view. */
  namedUsers: ReadonlySet<string>;
  everything: View | undefined;
  /** Views by the readable audiences: with two of them, "10" means only the first. */
  views: Map<string, View>;
  /** Sum of the bytes of `views`. */
  viewBytes: number;
  /** The same views by the permissions of users that no audience names. */
  viewsByPermissions: Map<Permissions, View>;
}
export interface View {
  bytes: Buffer;
  events: number;
}

/** The connections of one company on this gateway, and the items that wait for them. */
export class Feed {
  readonly connections = new Set<Connection>();
  pending: FeedItem[] = [];
  /** Sum of `memoryOf` of the pending items. */
  pendingBytes = 0;
  /** Number of the newest item; local to this process and never reused. */
  ordinal = 0;
  isQueued = false;
  /** Called when nothing is pending any more. */
  onEmpty: (() => void)[] = [];
  batch: Batch | undefined;
  /** Time from the emission of events to their last write. */
  readonly latency = new LatencyRecorder();
  /** Until this `performance.now()` time, new items are collected for one write. */
  restsUntil = 0;
  /** Bytes written to its connections and not yet sent; see `UnsentBudget`. */
  unsentBytes = 0;
}
